-- A budget may ask. The words a column takes cannot be changed where they stand, so the table is made anew.

CREATE TABLE budgets_that_ask (
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
  action TEXT NOT NULL CHECK (action = 'block' OR action = 'warn' OR action = 'ask'),
  thresholds TEXT NOT NULL,
  time_zone TEXT,
  enabled INTEGER NOT NULL CHECK (enabled = 0 OR enabled = 1),
  raised_limit INTEGER,
  raised_until_ms INTEGER
) STRICT;
INSERT INTO budgets_that_ask
SELECT id, position, name, provider, model, project, user, key, window, unit, limit_value, buffer, action, thresholds,
  time_zone, enabled, raised_limit, raised_until_ms
FROM budgets;
DROP TABLE budgets;
ALTER TABLE budgets_that_ask RENAME TO budgets;

-- Whether the budget asked when it crossed; only one that blocks can.
ALTER TABLE alerts ADD COLUMN asks INTEGER NOT NULL DEFAULT 0 CHECK (asks = 0 OR asks = 1);
