-- What users try out: a change of a service list, and what it would do.
CREATE TABLE scenario (
    id {id},
    version BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,     -- whose it is: nobody else sees it
    region_code {key} NOT NULL,   -- whose people are counted
    name TEXT NOT NULL,
    list {key} NOT NULL,          -- which list is changed: linfen-2023
    base_version BIGINT,          -- the version it starts from; none: the one in force
    on_day {date},                -- the day that is looked at; none: the day of counting
    changes TEXT NOT NULL,        -- JSON
    outcome TEXT NOT NULL,        -- JSON of what it does; empty: not counted
    forecast TEXT NOT NULL,       -- JSON of the years to come; empty: not counted
    ran_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX scenario_owner ON scenario (owner_id, id);
