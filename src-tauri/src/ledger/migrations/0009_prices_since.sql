-- When a price of the user's own was set; of those that were set before this was kept, nobody knows.
ALTER TABLE price_overrides ADD COLUMN set_ms INTEGER;
