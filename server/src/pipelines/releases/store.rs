//! The SQL of what the registry said.

use super::look::Running;
use crate::aws::Listed;
use crate::changes::Released;
use crate::error::Error;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

/// Keeps other replicas from writing the same repository until the transaction ends.
pub(super) async fn hold(conn: &mut PgConnection, repository: &str) -> Result<(), Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("pipelines.registry/{repository}"))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what the registry said of a repository: all of it, and nothing else.
pub(super) async fn keep(conn: &mut PgConnection, repository: &str, images: &[Listed]) -> Result<(), Error> {
    let digests: Vec<&str> = images.iter().map(|image| image.digest.as_str()).collect();
    let findings: Vec<serde_json::Value> = images
        .iter()
        .map(|image| serde_json::to_value(&image.findings))
        .collect::<Result<_, _>>()
        .map_err(Error::internal)?;
    sqlx::query(
        "INSERT INTO pipelines_images (repository, digest, pushed_at, size, scan, scanned_at, findings)
         SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::text[], $6::timestamptz[], $7::jsonb[])
         ON CONFLICT (repository, digest) DO UPDATE SET pushed_at = excluded.pushed_at, size = excluded.size,
             scan = excluded.scan, scanned_at = excluded.scanned_at, findings = excluded.findings, gone_at = NULL",
    )
    .bind(repository)
    .bind(&digests)
    .bind(images.iter().map(|image| image.pushed_at).collect::<Vec<_>>())
    .bind(images.iter().map(|image| image.size).collect::<Vec<_>>())
    .bind(images.iter().map(|image| image.scan.clone()).collect::<Vec<_>>())
    .bind(images.iter().map(|image| image.scanned_at).collect::<Vec<_>>())
    .bind(findings)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE pipelines_images SET gone_at = gatehouse_now()
         WHERE repository = $1 AND gone_at IS NULL AND digest <> ALL ($2)",
    )
    .bind(repository)
    .bind(&digests)
    .execute(&mut *conn)
    .await?;
    keep_tags(conn, repository, images).await?;
    sqlx::query(
        "INSERT INTO pipelines_registry (repository, as_of) VALUES ($1, gatehouse_now())
         ON CONFLICT (repository) DO UPDATE SET as_of = excluded.as_of, trouble = NULL",
    )
    .bind(repository)
    .execute(conn)
    .await?;
    Ok(())
}

async fn keep_tags(conn: &mut PgConnection, repository: &str, images: &[Listed]) -> Result<(), Error> {
    let named = images.iter().flat_map(|image| image.tags.iter().map(|tag| (tag.as_str(), image.digest.as_str())));
    let (tags, digests): (Vec<&str>, Vec<&str>) = named.unzip();
    sqlx::query(
        "UPDATE pipelines_tags t SET until = gatehouse_now() WHERE repository = $1 AND until IS NULL
         AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS now (tag, digest)
                         WHERE now.tag = t.tag AND now.digest = t.digest)",
    )
    .bind(repository)
    .bind(&tags)
    .bind(&digests)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO pipelines_tags (repository, tag, digest, since)
         SELECT $1, now.tag, now.digest, gatehouse_now() FROM unnest($2::text[], $3::text[]) AS now (tag, digest)
         WHERE NOT EXISTS (SELECT FROM pipelines_tags t WHERE t.repository = $1 AND t.tag = now.tag AND t.until IS NULL)
         ON CONFLICT (repository, tag, digest, since) DO UPDATE SET until = NULL",
    )
    .bind(repository)
    .bind(&tags)
    .bind(&digests)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes which images changes released, the newest release of each. A change also says what its commit's tag named then.
pub(super) async fn keep_released(conn: &mut PgConnection, repository: &str, all: &[Released]) -> Result<(), Error> {
    let images: Vec<&str> = all.iter().map(|it| it.image.as_str()).collect();
    let at: Vec<DateTime<Utc>> = all.iter().map(|it| it.at).collect();
    sqlx::query(
        "UPDATE pipelines_images i SET released_as = r.number, released_at = r.at
         FROM (SELECT DISTINCT ON (image) * FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS all_of (image, number, at)
               ORDER BY image, at DESC, number DESC) r
         WHERE i.repository = $1 AND i.digest = r.image AND i.released_as IS DISTINCT FROM r.number",
    )
    .bind(repository)
    .bind(&images)
    .bind(all.iter().map(|it| it.number.to_string()).collect::<Vec<_>>())
    .bind(&at)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO pipelines_tags (repository, tag, digest, since, until)
         SELECT $1, r.tag, r.image, r.at, r.at FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS r (image, tag, at)
         WHERE NOT EXISTS (SELECT FROM pipelines_tags t WHERE t.repository = $1 AND t.tag = r.tag AND t.digest = r.image)
         ON CONFLICT DO NOTHING",
    )
    .bind(repository)
    .bind(&images)
    .bind(all.iter().map(|it| it.commit.to_string()).collect::<Vec<_>>())
    .bind(&at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes where images run. Of an environment that is not in it nothing is known, and nothing changes.
pub(super) async fn keep_running(conn: &mut PgConnection, repository: &str, running: &Running) -> Result<(), Error> {
    for (environment, digests) in running {
        let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
        sqlx::query(
            "UPDATE pipelines_images SET
                 runs_in = CASE WHEN digest = ANY ($3) THEN array_append(array_remove(runs_in, $2), $2)
                                ELSE array_remove(runs_in, $2) END,
                 ran_in = CASE WHEN digest = ANY ($3) AND $2 <> ALL (ran_in) THEN array_append(ran_in, $2) ELSE ran_in END
             WHERE repository = $1 AND (digest = ANY ($3) OR $2 = ANY (runs_in))",
        )
        .bind(repository)
        .bind(environment)
        .bind(&digests)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Notes why nothing newer is kept.
pub(super) async fn set_trouble(conn: &mut PgConnection, repository: &str, why: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO pipelines_registry (repository, trouble) VALUES ($1, $2)
         ON CONFLICT (repository) DO UPDATE SET trouble = excluded.trouble",
    )
    .bind(repository)
    .bind(why)
    .execute(conn)
    .await?;
    Ok(())
}

/// How far a repository was read.
pub(super) struct ReadUntil {
    pub(super) repository: String,
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) trouble: Option<String>,
}

pub(super) async fn list_read(conn: &mut PgConnection) -> Result<Vec<ReadUntil>, Error> {
    let rows = sqlx::query("SELECT repository, as_of, trouble FROM pipelines_registry ORDER BY repository");
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(ReadUntil {
            repository: row.try_get("repository")?,
            as_of: row.try_get("as_of")?,
            trouble: row.try_get("trouble")?,
        })
    };
    rows.fetch_all(conn).await?.iter().map(read).collect()
}

/// An image as it is kept.
pub(super) struct Kept {
    pub(super) repository: String,
    pub(super) digest: String,
    pub(super) pushed_at: DateTime<Utc>,
    pub(super) size: Option<i64>,
    pub(super) scan: Option<String>,
    pub(super) scanned_at: Option<DateTime<Utc>>,
    pub(super) findings: serde_json::Value,
    pub(super) released_as: Option<String>,
    pub(super) released_at: Option<DateTime<Utc>>,
    pub(super) ran_in: Vec<String>,
    pub(super) runs_in: Vec<String>,
    pub(super) gone_at: Option<DateTime<Utc>>,
    /// Tags that name it.
    pub(super) tags: Vec<String>,
    /// Tags that named it and name another one now.
    pub(super) lost: Vec<String>,
    /// Tags that name it and named another one before.
    pub(super) taken: Vec<String>,
}

/// Which of them.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) repositories: Vec<&'a str>,
    pub(super) only: Option<Only>,
    /// After this one, in the order of the list.
    pub(super) after: Option<(DateTime<Utc>, String, String)>,
}

/// What is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    Never,
    Moved,
    Unscanned,
}

/// Whether a tag row `t` is of a tag that names, or named, two images. A tag that was taken away moved nowhere.
const LOST: &str = "t.until IS NOT NULL AND EXISTS (SELECT FROM pipelines_tags n
    WHERE n.repository = t.repository AND n.tag = t.tag AND n.until IS NULL AND n.digest <> t.digest)";
const TAKEN: &str = "t.until IS NULL AND EXISTS (SELECT FROM pipelines_tags n
    WHERE n.repository = t.repository AND n.tag = t.tag AND n.until IS NOT NULL AND n.digest <> t.digest)";

/// One page, newest first.
pub(super) async fn list(conn: &mut PgConnection, wanted: &Wanted<'_>, limit: i64) -> Result<Vec<Kept>, Error> {
    let tags = |condition: &str| {
        format!(
            "ARRAY(SELECT DISTINCT t.tag FROM pipelines_tags t
                   WHERE t.repository = i.repository AND t.digest = i.digest AND {condition} ORDER BY 1)"
        )
    };
    let repositories: Vec<String> = wanted.repositories.iter().map(|it| (*it).to_owned()).collect();
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(format!(
        "SELECT i.*, {} AS tags, {} AS lost, {} AS taken FROM pipelines_images i WHERE i.repository = ANY (",
        tags("t.until IS NULL"),
        tags(LOST),
        tags(TAKEN)
    ));
    query.push_bind(repositories).push(")");
    match wanted.only {
        None => {}
        Some(Only::Never) => {
            query.push(" AND i.released_as IS NULL AND i.ran_in = '{}'");
        }
        Some(Only::Moved) => {
            query.push(format!(
                " AND EXISTS (SELECT FROM pipelines_tags t WHERE t.repository = i.repository AND t.digest = i.digest
                              AND (({LOST}) OR ({TAKEN})))"
            ));
        }
        Some(Only::Unscanned) => {
            query.push(" AND (i.scan IS NULL OR i.scan NOT IN ('COMPLETE', 'ACTIVE'))");
        }
    }
    if let Some((pushed_at, digest, repository)) = &wanted.after {
        query.push(" AND (i.pushed_at, i.digest, i.repository) < (").push_bind(*pushed_at);
        query.push(", ").push_bind(digest.clone()).push(", ").push_bind(repository.clone()).push(")");
    }
    query.push(" ORDER BY i.pushed_at DESC, i.digest DESC, i.repository DESC LIMIT ").push_bind(limit);
    query.build().fetch_all(conn).await?.iter().map(kept).collect()
}

fn kept(row: &sqlx::postgres::PgRow) -> Result<Kept, Error> {
    Ok(Kept {
        repository: row.try_get("repository")?,
        digest: row.try_get("digest")?,
        pushed_at: row.try_get("pushed_at")?,
        size: row.try_get("size")?,
        scan: row.try_get("scan")?,
        scanned_at: row.try_get("scanned_at")?,
        findings: row.try_get("findings")?,
        released_as: row.try_get("released_as")?,
        released_at: row.try_get("released_at")?,
        ran_in: row.try_get("ran_in")?,
        runs_in: row.try_get("runs_in")?,
        gone_at: row.try_get("gone_at")?,
        tags: row.try_get("tags")?,
        lost: row.try_get("lost")?,
        taken: row.try_get("taken")?,
    })
}
