-- Up Migration
-- What the signatures of a document were judged by: kept so that they can be judged again when nobody answers any more.

-- One row however many documents rest on it: a CRL of a national authority stands behind thousands of them.
create table signature_evidence (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('certificate', 'crl', 'ocsp', 'token')),
  der bytea not null
);

create table document_evidence (
  document_id uuid not null references document (id),
  sha256 text not null references signature_evidence (sha256),
  primary key (document_id, sha256)
);
