CREATE TABLE owned_sets (
  user_id TEXT NOT NULL,
  set_number TEXT NOT NULL,
  title TEXT NOT NULL,
  added_at TEXT NOT NULL,
  PRIMARY KEY (user_id, set_number)
);
