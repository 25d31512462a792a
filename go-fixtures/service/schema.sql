CREATE TABLE IF NOT EXISTS users (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text NOT NULL UNIQUE,
    password text NOT NULL -- bcrypt
);

CREATE TABLE IF NOT EXISTS sessions (
    id      text PRIMARY KEY,
    csrf    text NOT NULL,
    user_id bigint REFERENCES users, -- NULL until the login
    expires timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS items (
    name  text PRIMARY KEY,
    cents bigint NOT NULL,
    stock int NOT NULL CHECK (stock >= 0)
);

CREATE TABLE IF NOT EXISTS orders (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    item    text NOT NULL REFERENCES items,
    qty     int NOT NULL,
    cents   bigint NOT NULL,
    state   text NOT NULL DEFAULT 'new', -- paid, cancelled
    charge  text NOT NULL DEFAULT '',
    placed  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS receipts (
    order_id bigint PRIMARY KEY REFERENCES orders,
    text     text NOT NULL
);
