-- An alert may be put aside: until when, when it came back, and when it was answered for good.
ALTER TABLE alerts ADD COLUMN snoozed_until_ms INTEGER CHECK (snoozed_until_ms IS NULL OR state = 'new');
ALTER TABLE alerts ADD COLUMN returned_ms INTEGER;
ALTER TABLE alerts ADD COLUMN answered_ms INTEGER;
CREATE INDEX alerts_snoozed ON alerts (snoozed_until_ms) WHERE snoozed_until_ms IS NOT NULL;

-- One that comes back is told once more, and when it was told before stays known: a delivery each time, so the key is
-- another one and the table is made anew.
CREATE TABLE deliveries_by_turn (
  alert_id INTEGER NOT NULL REFERENCES alerts (id),
  channel TEXT NOT NULL,
  turn INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state = 'pending' OR state = 'sending' OR state = 'delivered' OR state = 'failed' OR state = 'off'),
  at_ms INTEGER NOT NULL,
  until_ms INTEGER,
  reason TEXT,
  PRIMARY KEY (alert_id, channel, turn)
) STRICT, WITHOUT ROWID;
INSERT INTO deliveries_by_turn
SELECT alert_id, channel, 0, state, at_ms, until_ms, reason FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_by_turn RENAME TO deliveries;
CREATE INDEX deliveries_pending ON deliveries (alert_id) WHERE state = 'pending';
