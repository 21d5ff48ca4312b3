-- What stays of calls that are no longer kept one by one. Their sums by hour and day are in the rollups; here is what the
-- rollups cannot tell, so that every total stays exact.

-- A call is recorded once, also when its entry is gone: the first 8 bytes of the SHA-256 of its call_id.
CREATE TABLE gone_calls (hash INTEGER PRIMARY KEY) STRICT;

-- Sums by quarter of an hour, in which the hours and days of every zone begin: of them the rollups of another zone are made.
CREATE TABLE gone_quarters (
  start_ms INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  project TEXT NOT NULL,
  calls INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_nusd INTEGER NOT NULL,
  PRIMARY KEY (start_ms, provider, model, project)
) STRICT, WITHOUT ROWID;

-- The same by session (0), user (1) and operation (2).
CREATE TABLE gone_quarters_by (
  start_ms INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  key TEXT NOT NULL,
  calls INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost_nusd INTEGER NOT NULL,
  PRIMARY KEY (start_ms, dimension, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE gone_latencies (
  start_ms INTEGER NOT NULL,
  class INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (start_ms, class)
) STRICT, WITHOUT ROWID;

-- Sums over all time by whose the calls were, for budgets of users and keys that never begin anew.
CREATE TABLE gone_whose (
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  project TEXT NOT NULL,
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_nusd INTEGER NOT NULL,
  PRIMARY KEY (user, key, provider, model, project)
) STRICT, WITHOUT ROWID;

-- Up to when entries may be taken out: never, but within the transaction that takes them out. `until_ms` is when the
-- youngest one was made that has been.
CREATE TABLE gone (
  may_go_before_ms INTEGER,
  calls INTEGER NOT NULL,
  until_ms INTEGER
) STRICT;
INSERT INTO gone VALUES (NULL, 0, NULL);

DROP TRIGGER entries_never_go;
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM gone WHERE OLD.at_ms < may_go_before_ms)
BEGIN SELECT RAISE(ABORT, 'an entry is immutable'); END;
