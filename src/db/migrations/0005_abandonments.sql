-- Up Migration
-- Workers that died over a delivery, one after the other; a delivery that ends all of them is given up.

alter table delivery add column abandonments integer not null default 0;
