-- An entry that is written down and counts nowhere: a call that was denied, or an answer that was only fetched again.
ALTER TABLE entries ADD COLUMN counted INTEGER NOT NULL DEFAULT 1 CHECK (counted = 0 OR counted = 1);
