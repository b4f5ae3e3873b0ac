//! What is said of statements, as tables; and that nothing of a literal is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod hostile;
mod leaks;

use super::*;

pub(super) const DIALECTS: [Dialect; 6] = [
    Dialect::Postgresql,
    Dialect::Mysql,
    Dialect::Sqlite,
    Dialect::SqlServer,
    Dialect::Oracle,
    Dialect::Unknown,
];

fn summary(statement: &str) -> String {
    parse(statement, Dialect::Postgresql).summary.unwrap_or_default()
}

fn text(statement: &str, dialect: Dialect) -> String {
    parse(statement, dialect).text
}

const SUMMARIES: &[(&str, &str)] = &[
    // Those of OpenTelemetry's conventions.
    ("SELECT *\nFROM wuser_table\nWHERE username = ?", "SELECT wuser_table"),
    (
        "INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders",
        "INSERT shipping_details SELECT orders",
    ),
    ("SELECT * FROM songs, artists WHERE songs.a == artists.id", "SELECT songs artists"),
    (
        "SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.c = c.id)",
        "SELECT SELECT orders customers",
    ),
    ("SELECT * FROM \"song list\", b", "SELECT \"song list\" b"),
    ("{call some_stored_procedure}", "call some_stored_procedure"),
    ("EXECUTE some_stored_procedure", "EXECUTE some_stored_procedure"),
    // Spelling and room.
    ("select 1 from t", "select t"),
    ("  /* why */ SELECT -- 'who'\n 1 FROM t;", "SELECT t"),
    ("SELECT 1", "SELECT"),
    (
        "SELECT * FROM \"my app\" . documents d, public.users",
        "SELECT \"my app\".documents public.users",
    ),
    ("(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b)", "SELECT a SELECT b"),
    // Rows.
    (
        "INSERT INTO t VALUES (1, 'FROM x'), (2, 'y') ON CONFLICT (id) DO UPDATE SET a = 1, b = 2",
        "INSERT t",
    ),
    ("INSERT OR IGNORE INTO t (a) VALUES (?)", "INSERT t"),
    ("INSERT INTO t SELECT a FROM u ON DUPLICATE KEY UPDATE a = 1, b = 2", "INSERT t SELECT u"),
    ("REPLACE INTO t VALUES (replace(?, ?, ?))", "REPLACE t"),
    ("UPDATE ONLY t SET a = 1, b = 2 FROM u WHERE t.id = u.id", "UPDATE t u"),
    ("UPDATE t SET a = (SELECT max(b) FROM u), c = 2", "UPDATE t SELECT u"),
    ("DELETE FROM t USING u, v WHERE t.a = u.a", "DELETE t u v"),
    ("DELETE FROM t WHERE a IN (SELECT a FROM u FOR UPDATE OF x, y)", "DELETE t SELECT u"),
    (
        "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
        "MERGE t s",
    ),
    (
        "SELECT a.x FROM a LEFT JOIN b USING (id), LATERAL (SELECT 1 FROM c) d, e",
        "SELECT a b SELECT c e",
    ),
    ("SELECT * FROM (a JOIN b ON a.x = b.x) ORDER BY a, b LIMIT 1, 2", "SELECT a b"),
    ("SELECT EXTRACT(YEAR FROM day) FROM t WHERE a IS DISTINCT FROM b", "SELECT t"),
    ("SELECT TRIM(BOTH 'x' FROM y), a FROM t", "SELECT t"),
    ("SELECT a INTO backup FROM t", "SELECT backup t"),
    // Common tables.
    (
        "WITH x AS (SELECT * FROM a), Y (n) AS MATERIALIZED (SELECT 1 FROM x) SELECT * FROM x, y, z",
        "SELECT a SELECT SELECT z",
    ),
    (
        "WITH RECURSIVE x AS (SELECT 1 UNION SELECT n + 1 FROM x) INSERT INTO t SELECT * FROM x",
        "SELECT SELECT INSERT t SELECT",
    ),
    ("INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x", "INSERT t SELECT SELECT"),
    // The rest of it.
    ("CREATE TABLE IF NOT EXISTS t (id INT REFERENCES u ON DELETE CASCADE)", "CREATE TABLE t"),
    ("CREATE TEMP TABLE t AS SELECT * FROM u", "CREATE TABLE t SELECT u"),
    ("CREATE UNIQUE INDEX CONCURRENTLY by_name ON t (name)", "CREATE INDEX by_name"),
    ("CREATE INDEX ON t (name)", "CREATE INDEX"),
    ("CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END", "CREATE TRIGGER x END"),
    ("CREATE USER ada PASSWORD 'x'", "CREATE USER"),
    ("ALTER TABLE t ADD COLUMN a INT", "ALTER TABLE t"),
    ("DROP TABLE IF EXISTS a, b CASCADE", "DROP TABLE a b"),
    ("TRUNCATE TABLE a, b", "TRUNCATE a b"),
    ("EXPLAIN QUERY PLAN SELECT * FROM t", "EXPLAIN SELECT t"),
    ("BEGIN IMMEDIATE; UPDATE t SET a = 1; COMMIT", "BEGIN UPDATE t COMMIT"),
    ("SAVEPOINT ada", "SAVEPOINT"),
    ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode"),
    ("SET ROLE ada", "SET"),
    ("GRANT SELECT, INSERT ON t TO ada", "GRANT"),
    ("CALL refresh(1)", "CALL refresh"),
    ("VALUES (1)", "VALUES"),
    // What is none.
    ("", ""),
    ("   -- nothing", ""),
    ("hello FROM t SELECT a", ""),
    ("'SELECT' FROM t", ""),
    (";;; ) ) , . FROM", ""),
];

#[test]
fn summaries_name_operations_and_targets() {
    for (statement, expected) in SUMMARIES {
        assert_eq!(summary(statement), *expected, "{statement}");
    }
}

#[test]
fn a_summary_ends_before_the_name_that_does_not_fit() {
    let tables: Vec<String> = (0..100).map(|n| format!("table{n}")).collect();
    let long = summary(&format!("SELECT * FROM {}", tables.join(", ")));
    assert!(long.len() <= MAX_SUMMARY_CHARS && long.len() > 240, "{long}");
    assert!(tables.contains(&long.rsplit(' ').next().unwrap().to_owned()), "{long}");
    // A name that fits behind one that does not would change with its length.
    let wide = "t".repeat(300);
    assert_eq!(summary(&format!("SELECT * FROM a, {wide}, b")), "SELECT a");
}

#[test]
fn a_list_has_one_summary_and_one_text_however_long_it_is() {
    let statement = |n: usize| {
        let list = (0..n).map(|n| (n * 7).to_string()).collect::<Vec<_>>().join(", ");
        format!("SELECT a FROM t WHERE b IN ({list}) AND c = ?")
    };
    for dialect in DIALECTS {
        let one = parse(&statement(1), dialect);
        assert_eq!(one.text, "SELECT a FROM t WHERE b IN (?) AND c = ?");
        (2..40).for_each(|n| assert_eq!(parse(&statement(n), dialect), one));
    }
}

#[test]
fn texts_keep_names_and_lose_literals() {
    use Dialect::{Mysql, Oracle, Postgresql, SqlServer, Sqlite, Unknown};
    for (dialect, statement, expected) in [
        (Postgresql, "SELECT 'a''b', E'c\\'d', $$e'f$$, $x$g$$h$x$, 1", "SELECT ?, ?, ?, ?, ?"),
        (Postgresql, "SELECT E'a'\n 'b\\'c', 2", "SELECT ? ?, ?"),
        (Postgresql, "SELECT -1.5e+10, .5, 0xFF, 1_000, X'AB', b'01'", "SELECT -?, ?, ?, ?, ?, ?"),
        (
            Postgresql,
            "SELECT a::text, b->>'k' FROM t WHERE c = $1 AND d = :name",
            "SELECT a::text, b->>? FROM t WHERE c = ? AND d = :name",
        ),
        (Postgresql, "SELECT \"a\"\"b\".c FROM \"T\"", "SELECT \"a\"\"b\".c FROM \"T\""),
        (Postgresql, "SELECT /* a /* b */ c */ 1 -- d\r, 2", "SELECT ? , ?"),
        (
            Postgresql,
            "a IN($1,$2) OR b NOT IN (-1, +2) OR c IN (SELECT 1) OR d IN (1, x, 2)",
            "a IN(?) OR b NOT IN (?) OR c IN (SELECT ?) OR d IN (?, x, ?)",
        ),
        (
            Postgresql,
            "WHERE a IS TRUE AND b IS NOT NULL AND c = false",
            "WHERE a IS ? AND b IS NOT NULL AND c = ?",
        ),
        (Postgresql, "SELECT 'C:\\' , a", "SELECT ? , a"),
        (
            Mysql,
            "SELECT \"a\", `b``c`, _utf8'd', N'e' # f\n, 1--2",
            "SELECT ?, `b``c`, ?, ? , ?--?",
        ),
        (Mysql, "SELECT 1 /*!50001 + 2 */ + 3*/* c */4", "SELECT ? + ? + ?* ?"),
        // Whether a backslash escapes is a setting of MySQL's.
        (Mysql, "SELECT a FROM t WHERE b = 'it\\'s' AND c = 'd'", "SELECT a FROM t WHERE b = ?"),
        (
            Sqlite,
            "SELECT \"a\".\"b\", x FROM \"t\" WHERE c = \"Ada\"",
            "SELECT \"a\".\"b\", x FROM \"t\" WHERE c = ?",
        ),
        (
            Sqlite,
            "INSERT INTO \"t\" (\"a\", [b]) VALUES (\"Ada\", ?1)",
            "INSERT INTO \"t\" (\"a\", [b]) VALUES (?, ?)",
        ),
        (Sqlite, "SELECT 'a\\' , b ESCAPE '\\'", "SELECT ? , b ESCAPE ?"),
        (
            SqlServer,
            "SELECT [a]]b], N'c', $5.20, @id, #t FROM [d].[e]",
            "SELECT [a]]b], ?, ?, @id, #t FROM [d].[e]",
        ),
        (Oracle, "SELECT q'[it's]', Nq'!a'b!', c FROM t", "SELECT ?, ?, c FROM t"),
        (Unknown, "SELECT \"a\" FROM \"t\" --b", "SELECT ? FROM \"t\" ?"),
        (Unknown, "SELECT $a$ b", "SELECT ?"),
        (
            Unknown,
            "SELECT größe FROM maße WHERE name = 'Åsa'",
            "SELECT größe FROM maße WHERE name = ?",
        ),
    ] {
        assert_eq!(text(statement, dialect), expected, "{dialect:?}: {statement}");
    }
}

#[test]
fn statements_are_read_once_a_thread() {
    let statement = String::from("SELECT a FROM remembered");
    let first = look_up(&statement, Dialect::Sqlite);
    // Another string of the same text is the same statement, another dialect is not.
    assert!(Arc::ptr_eq(&first, &look_up(&statement.clone(), Dialect::Sqlite)));
    assert!(!Arc::ptr_eq(&first, &look_up(&statement, Dialect::Mysql)));
    for n in 0..10_000 {
        let other = format!("SELECT {n} FROM other");
        assert_eq!(look_up(&other, Dialect::Sqlite).summary.as_deref(), Some("SELECT other"));
    }
    assert_eq!(look_up(&statement, Dialect::Sqlite), first);
}
