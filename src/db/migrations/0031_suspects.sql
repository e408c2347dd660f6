-- Up Migration
-- Deliveries over which workers died in a row: there are hardly any, and who takes one looks for the others.
-- Step
drop index concurrently if exists delivery_suspects;
-- Step
create index concurrently delivery_suspects on delivery (lease_until) where state = 'waiting' and abandonments >= 2;
