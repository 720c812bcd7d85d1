/**
 * What the database needs, in steps that are never changed once released: a change is a new step. The place in the list
 * (from 1) is the step's number.
 *
 * All times are whole seconds since 1970. `session_id` is the random part of the id, without key name and signature: who reads the table
 * cannot make an id of it. Two statements that must see each other's outcome stand in a function, so that they are one
 * round trip and each has a snapshot of its own.
 */
export const MIGRATIONS: readonly string[] = Object.freeze([
  `
CREATE TABLE keyturn_sessions (
  session_id     text COLLATE "C" PRIMARY KEY,
  user_id        text COLLATE "C" NOT NULL,
  user_is_number boolean NOT NULL,
  created_at     bigint NOT NULL,
  expires_at     bigint NOT NULL,
  ends_at        bigint NOT NULL,
  metadata       json
);
CREATE INDEX keyturn_sessions_of_user ON keyturn_sessions (user_id);
CREATE INDEX keyturn_sessions_by_end ON keyturn_sessions (expires_at);

CREATE TABLE keyturn_once (
  key         text COLLATE "C" PRIMARY KEY,
  fingerprint text NOT NULL,
  kid         text NOT NULL,
  session_id  text NOT NULL,
  until       bigint NOT NULL
);
CREATE INDEX keyturn_once_by_end ON keyturn_once (until);

CREATE FUNCTION keyturn_create_once(
  p_now bigint, p_key text, p_fingerprint text, p_kid text, p_until bigint,
  p_session text, p_user text, p_number boolean, p_created bigint, p_expires bigint, p_ends bigint, p_metadata json
) RETURNS TABLE (
  fingerprint text, kid text, session_id text,
  user_id text, user_is_number boolean, created_at float8, expires_at float8, ends_at float8, metadata json
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO keyturn_once AS o VALUES (p_key, p_fingerprint, p_kid, p_session, p_until)
    ON CONFLICT (key) DO UPDATE SET fingerprint = p_fingerprint, kid = p_kid, session_id = p_session, until = p_until
    WHERE o.until <= p_now;
  IF FOUND THEN
    INSERT INTO keyturn_sessions VALUES (p_session, p_user, p_number, p_created, p_expires, p_ends, p_metadata);
    RETURN;
  END IF;
  RETURN QUERY
    SELECT o.fingerprint, o.kid, o.session_id, s.user_id, s.user_is_number,
           s.created_at::float8, s.expires_at::float8, s.ends_at::float8, s.metadata
    FROM keyturn_once o LEFT JOIN keyturn_sessions s ON s.session_id = o.session_id AND s.expires_at > p_now
    WHERE o.key = p_key;
END $$;

CREATE FUNCTION keyturn_extend(p_session text, p_now bigint, p_ttl bigint, p_from bigint) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
  v_end float8;
BEGIN
  UPDATE keyturn_sessions SET expires_at = LEAST(p_now + p_ttl, ends_at)
    WHERE session_id = p_session AND expires_at > p_now
      AND expires_at - p_now <= p_ttl - p_from AND expires_at < LEAST(p_now + p_ttl, ends_at)
    RETURNING expires_at INTO v_end;
  IF NOT FOUND THEN
    SELECT expires_at INTO v_end FROM keyturn_sessions WHERE session_id = p_session AND expires_at > p_now;
  END IF;
  RETURN v_end;
END $$;
`,
  // Many sessions of one user are removed in batches. The last statement takes whatever is there then, so no session that was there at the
  // first call survives, even if it is rotated meanwhile.
  `
CREATE FUNCTION keyturn_end_user(p_user text, p_now bigint, p_limit int) RETURNS TABLE (live int, more boolean)
LANGUAGE plpgsql AS $$
BEGIN
  more := (SELECT count(*) FROM (SELECT 1 FROM keyturn_sessions WHERE user_id = p_user LIMIT p_limit + 1) AS few) > p_limit;
  IF more THEN
    WITH gone AS (
      DELETE FROM keyturn_sessions WHERE session_id IN (
        SELECT session_id FROM keyturn_sessions WHERE user_id = p_user LIMIT p_limit
      ) RETURNING expires_at
    ) SELECT count(*) INTO live FROM gone WHERE expires_at > p_now;
  ELSE
    WITH gone AS (DELETE FROM keyturn_sessions WHERE user_id = p_user RETURNING expires_at)
      SELECT count(*) INTO live FROM gone WHERE expires_at > p_now;
  END IF;
  RETURN NEXT;
END $$;
`,
])
