-- Spendlight keys. What is kept of a key is the SHA-256 of its text. A revoked one stays, so that the entries under its
-- id can still be told whose they were, and so that nobody else is given the id.
CREATE TABLE keys (
  id TEXT PRIMARY KEY CHECK (length(id) > 0),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  name TEXT NOT NULL,
  project TEXT,
  models TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;
CREATE TRIGGER keys_stay_revoked BEFORE UPDATE OF revoked_ms ON keys WHEN OLD.revoked_ms IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revoked key stays revoked'); END;
CREATE TRIGGER keys_never_go BEFORE DELETE ON keys
BEGIN SELECT RAISE(ABORT, 'a key stays, revoked or not'); END;
