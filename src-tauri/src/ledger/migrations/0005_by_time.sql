-- What a question about a span of time asks of every entry in it stands in the index by time, so that neither a replay of
-- a budget nor the sums of a filtered day fetch the entries themselves. The rest of an entry is about four times as long.
DROP INDEX entries_by_time;
CREATE INDEX entries_by_time ON entries
  (at_ms, id, counted, cost_nusd, input_tokens, output_tokens, provider, model, project);
DROP INDEX entries_by_user;
CREATE INDEX entries_by_user ON entries
  (user, at_ms, id, counted, cost_nusd, input_tokens, output_tokens, provider, model, project, key) WHERE user IS NOT NULL;
DROP INDEX entries_by_key;
CREATE INDEX entries_by_key ON entries
  (key, at_ms, id, counted, cost_nusd, input_tokens, output_tokens, provider, model, project, user) WHERE key IS NOT NULL;
