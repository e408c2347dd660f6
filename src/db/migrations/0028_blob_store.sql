-- Up Migration
-- Which folder of blobs belongs to this database: the id that lies in the file store-id at its root. There is one row, or
-- none until the first process makes a store or takes the folder that it finds for it.
create table blob_store (
  is_only boolean primary key check (is_only),
  id uuid not null
);
