//! Which database it is, and how its statements are quoted.

use super::statement::Dialect;

/// A database system, as `db.system.name` names it.
///
/// # Examples
///
/// ```
/// use lightship::db::System;
///
/// assert_eq!(System::Postgresql.name(), "postgresql");
/// assert_eq!(System::Other("duckdb").name(), "duckdb");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum System {
    /// Cassandra.
    Cassandra,
    /// ClickHouse.
    Clickhouse,
    /// CockroachDB.
    Cockroachdb,
    /// DynamoDB.
    Dynamodb,
    /// Elasticsearch.
    Elasticsearch,
    /// MariaDB.
    Mariadb,
    /// Memcached.
    Memcached,
    /// Microsoft's SQL Server.
    SqlServer,
    /// MongoDB.
    Mongodb,
    /// MySQL.
    Mysql,
    /// Neo4j.
    Neo4j,
    /// Opensearch.
    Opensearch,
    /// Oracle's database.
    Oracle,
    /// PostgreSQL.
    Postgresql,
    /// Redis, and what speaks its protocol.
    Redis,
    /// Amazon's Redshift.
    Redshift,
    /// Google's Spanner.
    Spanner,
    /// SQLite.
    Sqlite,
    /// Trino.
    Trino,
    /// One that speaks SQL and is not known any closer.
    OtherSql,
    /// Another one: its own name in lower case, of which there are few.
    Other(&'static str),
}

impl System {
    /// The value of `db.system.name`.
    pub fn name(self) -> &'static str {
        match self {
            System::Cassandra => "cassandra",
            System::Clickhouse => "clickhouse",
            System::Cockroachdb => "cockroachdb",
            System::Dynamodb => "aws.dynamodb",
            System::Elasticsearch => "elasticsearch",
            System::Mariadb => "mariadb",
            System::Memcached => "memcached",
            System::SqlServer => "microsoft.sql_server",
            System::Mongodb => "mongodb",
            System::Mysql => "mysql",
            System::Neo4j => "neo4j",
            System::Opensearch => "opensearch",
            System::Oracle => "oracle.db",
            System::Postgresql => "postgresql",
            System::Redis => "redis",
            System::Redshift => "aws.redshift",
            System::Spanner => "gcp.spanner",
            System::Sqlite => "sqlite",
            System::Trino => "trino",
            System::OtherSql => "other_sql",
            System::Other(name) => name,
        }
    }

    pub(super) fn dialect(self) -> Dialect {
        match self {
            System::Postgresql | System::Cockroachdb | System::Redshift => Dialect::Postgresql,
            System::Mysql | System::Mariadb => Dialect::Mysql,
            System::Sqlite => Dialect::Sqlite,
            System::SqlServer => Dialect::SqlServer,
            System::Oracle => Dialect::Oracle,
            _ => Dialect::Unknown,
        }
    }
}
