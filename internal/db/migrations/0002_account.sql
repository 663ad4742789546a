-- Organisations: governments of five levels, departments, institutions.
CREATE TABLE organisation (
    id {id},
    version BIGINT NOT NULL,
    parent_id BIGINT REFERENCES organisation (id),
    kind {key} NOT NULL,        -- province, city, county, town, village, department, institution
    name {key} NOT NULL,
    region_code {key} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX organisation_region ON organisation (region_code, id);
CREATE UNIQUE INDEX organisation_name ON organisation (region_code, name);

-- Who may sign in, and the machines that call the interface.
CREATE TABLE account (
    id {id},
    version BIGINT NOT NULL,
    login {key} NOT NULL,       -- lower case
    name {key} NOT NULL,
    organisation_id BIGINT NOT NULL REFERENCES organisation (id),
    phone {bytes},              -- encrypted; NULL: none known
    state {key} NOT NULL,       -- active, disabled
    machine BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_login ON account (login);
CREATE INDEX account_organisation ON account (organisation_id, login);

-- Roles held in regions. A grant that is ended stays, to tell who had it and when.
CREATE TABLE account_grant (
    id {id},
    user_id BIGINT NOT NULL REFERENCES account (id),
    role {key} NOT NULL,
    region_code {key} NOT NULL,
    from_on {date} NOT NULL,
    to_on {date},               -- the last day; NULL: open
    given_by BIGINT NOT NULL,
    given_at BIGINT NOT NULL,
    ended_by BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,   -- 0: it was not ended
    seal {bytes} NOT NULL       -- keyed seal over the row, for yian audit verify
);
CREATE INDEX account_grant_user ON account_grant (user_id);
CREATE INDEX account_grant_role ON account_grant (role, region_code);

-- Tokens of machines, hashed.
CREATE TABLE account_token (
    id {id},
    user_id BIGINT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    hash {bytes} NOT NULL,
    permissions TEXT NOT NULL,  -- separated by spaces
    region_code {key} NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    used_at BIGINT NOT NULL,    -- 0: never
    revoked_at BIGINT NOT NULL  -- 0: it holds
);
CREATE UNIQUE INDEX account_token_hash ON account_token (hash);
CREATE INDEX account_token_user ON account_token (user_id);

-- The password of a user; who signs in through a provider of identities has none.
CREATE TABLE sign_in_password (
    user_id BIGINT PRIMARY KEY REFERENCES account (id),
    version BIGINT NOT NULL,
    hash TEXT NOT NULL,         -- argon2id with its parameters
    set_at BIGINT NOT NULL,
    temporary BOOLEAN NOT NULL  -- given by an administrator, to be changed first of all
);

-- Passwords that a user had, not to be taken again.
CREATE TABLE sign_in_password_used (
    id {id},
    user_id BIGINT NOT NULL REFERENCES account (id),
    hash TEXT NOT NULL
);
CREATE INDEX sign_in_password_used_user ON sign_in_password_used (user_id, id);

-- The second factor of a user: a secret that his telephone shares.
CREATE TABLE sign_in_second (
    user_id BIGINT PRIMARY KEY REFERENCES account (id),
    secret {bytes} NOT NULL,    -- encrypted
    confirmed_at BIGINT NOT NULL, -- 0: he has not shown a code yet
    step BIGINT NOT NULL        -- of the last code taken: none is taken twice
);

CREATE TABLE sign_in_recovery (
    user_id BIGINT NOT NULL REFERENCES account (id),
    hash {bytes} NOT NULL,
    used_at BIGINT NOT NULL,    -- 0: not yet
    PRIMARY KEY (user_id, hash)
);

-- Who is and was signed in, from where.
CREATE TABLE sign_in (
    id {id},
    user_id BIGINT NOT NULL REFERENCES account (id),
    method {key} NOT NULL,      -- password, provider
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    ended_at BIGINT NOT NULL,   -- 0: signed in
    reason {key} NOT NULL       -- why it ended
);
CREATE INDEX sign_in_user ON sign_in (user_id, id);

-- How often signing in failed of late, by account and by address.
CREATE TABLE sign_in_attempt (
    id {key} PRIMARY KEY,       -- keyed hash of what was typed, or the address
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,   -- no attempt before
    locked BOOLEAN NOT NULL     -- until_at is the end of a lock-out
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);

-- The link that makes the first administrator: one row.
CREATE TABLE sign_in_setup (
    id {id},
    hash {bytes} NOT NULL,
    expires_at BIGINT NOT NULL
);
