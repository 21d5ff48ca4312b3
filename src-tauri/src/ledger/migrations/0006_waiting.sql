-- How long a delivery waits, and why it did not come about.
ALTER TABLE deliveries ADD COLUMN until_ms INTEGER;
ALTER TABLE deliveries ADD COLUMN reason TEXT;
