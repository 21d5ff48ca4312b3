-- How many calls a budget has denied in a window under a limit, and how many a pause has: a denied check leaves no entry.
-- A pause has no budget, and its window begins with it.
CREATE TABLE denials (
  budget_id TEXT NOT NULL,
  window TEXT NOT NULL,
  window_start_ms INTEGER NOT NULL,
  window_end_ms INTEGER NOT NULL,
  limit_value INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  calls INTEGER NOT NULL CHECK (calls > 0),
  PRIMARY KEY (budget_id, window, window_start_ms, limit_value)
) STRICT, WITHOUT ROWID;
