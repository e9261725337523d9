// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The tables of queue.db.
///
/// A task's place is the one instance that may run it: the one its remote scan, or a launch whose
/// outcome is not known, is bound to; else the one its submitter wants; else any (''). A held task
/// was paused while it waited. Times ending in _ns are of bootNanos(), those in _us wall clock.
///
/// Counters are kept by triggers, so that no statement can forget them.
#pragma once

namespace scanhost::queue_sqlite {

constexpr int application_id = 0x53635131;  // "ScQ1"
constexpr int schema_version = 1;

constexpr const char* schema = R"sql(
CREATE TABLE boot (id TEXT NOT NULL) STRICT;
INSERT INTO boot VALUES ('');

CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  trace_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  pool TEXT NOT NULL,
  wanted TEXT NOT NULL,
  instance TEXT NOT NULL DEFAULT '',
  bound INTEGER NOT NULL DEFAULT 0,
  place TEXT GENERATED ALWAYS AS (CASE WHEN bound THEN instance ELSE wanted END) VIRTUAL,
  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 6),
  held INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0,
  error_class INTEGER NOT NULL DEFAULT 0,
  error_message TEXT NOT NULL DEFAULT '',
  progress TEXT NOT NULL DEFAULT '',
  reference TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL DEFAULT '',
  generation TEXT NOT NULL DEFAULT '',
  created_us INTEGER NOT NULL,
  queued_us INTEGER NOT NULL,
  started_us INTEGER NOT NULL DEFAULT 0,
  completed_us INTEGER NOT NULL DEFAULT 0,
  due_ns INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 1,
  takeovers INTEGER NOT NULL DEFAULT 0,
  launch INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  token BLOB NOT NULL DEFAULT x'',
  leased INTEGER NOT NULL DEFAULT 0,
  lease_until_ns INTEGER NOT NULL DEFAULT 0,
  worker TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE submissions (seq INTEGER PRIMARY KEY, submission TEXT NOT NULL) STRICT;

CREATE INDEX tasks_ready ON tasks (pool, place, created_us) WHERE state = 0 AND due_ns = 0;
CREATE INDEX tasks_delayed ON tasks (due_ns, pool) WHERE state = 0 AND due_ns > 0;
CREATE INDEX tasks_waiting ON tasks (pool, created_us) WHERE state = 0;
CREATE INDEX tasks_under_way ON tasks (pool, place, instance, lease_until_ns)
  WHERE state IN (1, 2) AND held = 0;
CREATE INDEX tasks_created ON tasks (created_us);
CREATE INDEX tasks_of_owner ON tasks (owner, created_us);
CREATE INDEX tasks_of_pool ON tasks (pool, created_us);
CREATE INDEX tasks_in_state ON tasks (state, created_us);
CREATE INDEX tasks_dead ON tasks (created_us) WHERE flags & 1;
CREATE INDEX tasks_completed ON tasks (completed_us) WHERE state = 3;
CREATE INDEX tasks_ended ON tasks (completed_us) WHERE state > 3;

CREATE TABLE keys (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  seq INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_of_task ON keys (seq);
CREATE INDEX keys_expiring ON keys (expires_us);

CREATE TABLE totals (
  pool TEXT NOT NULL, owner TEXT NOT NULL, state INTEGER NOT NULL, dead INTEGER NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (pool, owner, state, dead)
) STRICT, WITHOUT ROWID;
CREATE TABLE pool_totals (
  pool TEXT NOT NULL, state INTEGER NOT NULL, held INTEGER NOT NULL, dead INTEGER NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (pool, state, held, dead)
) STRICT, WITHOUT ROWID;
CREATE TABLE loads (
  pool TEXT NOT NULL, instance TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (pool, instance)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER task_added AFTER INSERT ON tasks BEGIN
  INSERT INTO totals VALUES (NEW.pool, NEW.owner, NEW.state, NEW.flags & 1, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
  INSERT INTO pool_totals VALUES (NEW.pool, NEW.state, NEW.held, NEW.flags & 1, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER task_moved AFTER UPDATE OF state, held, flags ON tasks
WHEN (OLD.state, OLD.held, OLD.flags & 1) <> (NEW.state, NEW.held, NEW.flags & 1) BEGIN
  UPDATE totals SET n = n - 1
    WHERE (pool, owner, state, dead) = (OLD.pool, OLD.owner, OLD.state, OLD.flags & 1);
  INSERT INTO totals VALUES (NEW.pool, NEW.owner, NEW.state, NEW.flags & 1, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
  UPDATE pool_totals SET n = n - 1
    WHERE (pool, state, held, dead) = (OLD.pool, OLD.state, OLD.held, OLD.flags & 1);
  INSERT INTO pool_totals VALUES (NEW.pool, NEW.state, NEW.held, NEW.flags & 1, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER task_placed AFTER UPDATE OF state, held, instance ON tasks
WHEN NEW.state IN (1, 2) AND NEW.held = 0 AND
     (OLD.state NOT IN (1, 2) OR OLD.held <> 0 OR OLD.instance <> NEW.instance) BEGIN
  INSERT INTO loads VALUES (NEW.pool, NEW.instance, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER task_displaced AFTER UPDATE OF state, held, instance ON tasks
WHEN OLD.state IN (1, 2) AND OLD.held = 0 AND
     (NEW.state NOT IN (1, 2) OR NEW.held <> 0 OR OLD.instance <> NEW.instance) BEGIN
  UPDATE loads SET n = n - 1 WHERE (pool, instance) = (OLD.pool, OLD.instance);
END;
CREATE TRIGGER task_removed AFTER DELETE ON tasks BEGIN
  UPDATE totals SET n = n - 1
    WHERE (pool, owner, state, dead) = (OLD.pool, OLD.owner, OLD.state, OLD.flags & 1);
  UPDATE pool_totals SET n = n - 1
    WHERE (pool, state, held, dead) = (OLD.pool, OLD.state, OLD.held, OLD.flags & 1);
  DELETE FROM submissions WHERE seq = OLD.seq;
  DELETE FROM keys WHERE seq = OLD.seq;
END;
)sql";

}  // namespace scanhost::queue_sqlite
