-- Up Migration
-- Seal keys that agencies keep with the gateway. No private key stands here in clear: either a PKCS#12 file under a
-- passphrase of its own, which is itself encrypted under the gateway's secret, or the address of a key in a token.

create table agency_key (
  id uuid primary key,
  agency_code text not null references agency (code),
  -- the key's own certificate first, then its issuers; DER
  certificates bytea[] not null check (cardinality(certificates) between 1 and 16),
  certificate_sha256 text not null check (certificate_sha256 ~ '^[0-9a-f]{64}$'),
  subject text not null,
  not_before timestamptz not null,
  not_after timestamptz not null check (not_after > not_before),
  pkcs12 bytea,
  token_uri text check (token_uri ~ '^pkcs11:'),
  -- passphrase or PIN, by AES-256-GCM: nonce, tag, ciphertext
  secret bytea,
  -- the image of the seal: PNG, red on nothing, and how wide the seal is
  seal_image bytea,
  seal_width_mm numeric(5, 2) check (seal_width_mm between 10 and 80),
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  check ((pkcs12 is null) <> (token_uri is null)),
  check ((pkcs12 is null) or (secret is not null)),
  check ((seal_image is null) = (seal_width_mm is null))
);
create index agency_key_agency on agency_key (agency_code, not_before);
-- A certificate that was revoked may be put in again.
create unique index agency_key_certificate on agency_key (certificate_sha256) where revoked_at is null;
