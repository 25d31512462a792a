-- The state that each test begins with.
SET client_min_messages = warning;
\ir schema.sql
TRUNCATE users, sessions, items, orders, receipts RESTART IDENTITY CASCADE;

-- Her password is "analytical engine".
INSERT INTO users (name, password) VALUES ('ada', '$2b$04$OhnYsjo9NgG3u3MoI4C7wuCdlypbQZca/dGHSVlICvi2nIAc9LCuy');
INSERT INTO items (name, cents, stock) VALUES ('book', 1200, 10), ('pen', 150, 1000);
