-- A list of words to choose from is spelled with OR: SQLite builds a table for IN (…) at every insert.
-- Times are milliseconds since 1970 in UTC, money is nano-US-dollars, '' in a rollup's key means "not attributed".

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL UNIQUE CHECK (length(call_id) > 0),
  at_ms INTEGER NOT NULL,
  recorded_ms INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL CHECK (input_tokens >= 0),
  output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
  cache_read_tokens INTEGER NOT NULL CHECK (cache_read_tokens >= 0),
  cache_write_tokens INTEGER NOT NULL CHECK (cache_write_tokens >= 0),
  reasoning_tokens INTEGER NOT NULL CHECK (reasoning_tokens >= 0),
  details TEXT,
  cost_nusd INTEGER NOT NULL CHECK (cost_nusd >= 0),
  priced TEXT NOT NULL CHECK (priced = 'catalog' OR priced = 'override' OR priced = 'caller' OR priced = 'unknown'),
  usage_source TEXT NOT NULL CHECK (usage_source = 'reported' OR usage_source = 'estimated'),
  source TEXT NOT NULL CHECK (source = 'api' OR source = 'proxy' OR source = 'import' OR source = 'cli'),
  latency_ms INTEGER,
  ok INTEGER NOT NULL CHECK (ok = 0 OR ok = 1),
  status INTEGER,
  error TEXT,
  service_tier TEXT,
  batch INTEGER NOT NULL CHECK (batch = 0 OR batch = 1),
  project TEXT,
  session TEXT,
  user TEXT,
  operation TEXT,
  key TEXT,
  tags TEXT
) STRICT;
CREATE INDEX entries_by_time ON entries (at_ms);
CREATE INDEX entries_by_user ON entries (user, at_ms) WHERE user IS NOT NULL;
CREATE INDEX entries_by_key ON entries (key, at_ms) WHERE key IS NOT NULL;
CREATE INDEX entries_without_price ON entries (provider, model) WHERE priced = 'unknown';
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is immutable'); END;
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is immutable'); END;

CREATE TABLE reservations (
  call_id TEXT PRIMARY KEY CHECK (length(call_id) > 0),
  at_ms INTEGER NOT NULL,
  deadline_ms INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  project TEXT,
  user TEXT,
  key TEXT,
  ceiling_nusd INTEGER NOT NULL CHECK (ceiling_nusd >= 0),
  ceiling_input_tokens INTEGER NOT NULL CHECK (ceiling_input_tokens >= 0),
  ceiling_output_tokens INTEGER NOT NULL CHECK (ceiling_output_tokens >= 0),
  priced TEXT NOT NULL,
  resolution TEXT CHECK (resolution = 'settled' OR resolution = 'released' OR resolution = 'lapsed'),
  resolved_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reservations_open ON reservations (deadline_ms) WHERE resolution IS NULL;
CREATE TRIGGER reservations_resolve_once BEFORE UPDATE ON reservations WHEN OLD.resolution IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a reservation is resolved once'); END;

-- Kept in the transaction of the entries they sum up. grain 0: the hour, 1: the day, of the user's zone.
CREATE TABLE rollups (
  grain INTEGER NOT NULL,
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
  PRIMARY KEY (grain, start_ms, provider, model, project)
) STRICT, WITHOUT ROWID;

-- The same by session (0), user (1) and operation (2); calls without one stand in `rollups` alone.
CREATE TABLE rollups_by (
  grain INTEGER NOT NULL,
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
  PRIMARY KEY (grain, dimension, start_ms, key)
) STRICT, WITHOUT ROWID;

-- Calls by day and latency class, for the percentiles.
CREATE TABLE latencies (
  start_ms INTEGER NOT NULL,
  class INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (start_ms, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE budgets (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  provider TEXT,
  model TEXT,
  project TEXT,
  user TEXT,
  key TEXT,
  window TEXT NOT NULL,
  unit TEXT NOT NULL,
  limit_value INTEGER NOT NULL CHECK (limit_value > 0),
  buffer INTEGER NOT NULL CHECK (buffer >= 0),
  action TEXT NOT NULL CHECK (action = 'block' OR action = 'warn'),
  thresholds TEXT NOT NULL,
  time_zone TEXT,
  enabled INTEGER NOT NULL CHECK (enabled = 0 OR enabled = 1),
  raised_limit INTEGER,
  raised_until_ms INTEGER
) STRICT;

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level = 'warning' OR level = 'critical' OR level = 'exceeded'),
  budget_id TEXT NOT NULL,
  budget_name TEXT NOT NULL,
  window TEXT NOT NULL,
  window_start_ms INTEGER NOT NULL,
  window_end_ms INTEGER NOT NULL,
  threshold INTEGER NOT NULL,
  percent INTEGER NOT NULL,
  unit TEXT NOT NULL,
  limit_value INTEGER NOT NULL,
  used INTEGER NOT NULL,
  blocks INTEGER NOT NULL,
  exhausted_ms INTEGER,
  call_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'new' OR state = 'acknowledged' OR state = 'dismissed'),
  UNIQUE (budget_id, window, window_start_ms, threshold, limit_value)
) STRICT;
CREATE INDEX alerts_by_time ON alerts (at_ms);

CREATE TABLE deliveries (
  alert_id INTEGER NOT NULL REFERENCES alerts (id),
  channel TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'pending' OR state = 'sending' OR state = 'delivered' OR state = 'failed' OR state = 'off'),
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (alert_id, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (alert_id) WHERE state = 'pending';

CREATE TABLE price_overrides (
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  input_nusd_per_million INTEGER NOT NULL,
  output_nusd_per_million INTEGER NOT NULL,
  cache_read_nusd_per_million INTEGER,
  cache_write_nusd_per_million INTEGER,
  PRIMARY KEY (provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
