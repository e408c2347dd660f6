-- Up Migration
-- Which blobs are in use is asked by their digest.

create index document_packet on document (packet_sha256);
create index document_seal on document (seal_sha256);
create index attachment_blob on attachment (sha256);
