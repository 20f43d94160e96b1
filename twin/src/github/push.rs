//! What comes into GitHub? Commits, a push, the pull request it came by, the run it starts, and the image its build
//! leaves in ECR: one verb makes them all, so that they agree.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use super::git::{Files, Signature};
use super::model::{Activity, GitHub, Pull, Repo, Run, RunId};
use super::story::minutes;
use crate::aws::digest_of_build;
use crate::state::Model;
use crate::world::Service;

/// One change to one file.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Puts this content at this path.
    Write(String, String),
    /// Takes the path away.
    Delete(String),
    /// Points the path to this commit of another repository.
    Submodule(String, String),
}

/// One commit to make. People are GitHub logins, or raw `Name <mail>` as `git commit --author` takes it.
#[derive(Clone, Debug)]
pub struct NewCommit {
    /// The subject line.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// Who committed it; the author where absent.
    pub committer: Option<String>,
    /// Each becomes a `Co-authored-by` trailer.
    pub co_authors: Vec<String>,
    /// What changes; where empty, one line of the service's source does.
    pub edits: Vec<Edit>,
}

/// The pull request by which a push came to its branch (rebased and merged).
#[derive(Clone, Debug)]
pub struct MergedPr {
    /// Its title.
    pub title: String,
    /// Who opened it: a login.
    pub by: String,
    /// Who merged it: a login.
    pub merged_by: String,
    /// Who last pushed its branch: a login; whoever opened it where absent.
    pub pushed_by: Option<String>,
}

/// One push that starts one run of one service. Make it with [`PushRun::of`] and change what the story needs.
#[derive(Clone, Debug)]
pub struct PushRun {
    /// Which service's workflow runs.
    pub service: String,
    /// The subject of the newest commit.
    pub title: String,
    /// Who wrote the newest commit: a login, or raw `Name <mail>`.
    pub author: String,
    /// Who committed it; the author where absent.
    pub committer: Option<String>,
    /// Co-authors of the newest commit: logins, or raw `Name <mail>`.
    pub co_authors: Vec<String>,
    /// Commits below the newest, oldest first.
    pub earlier: Vec<NewCommit>,
    /// What the newest commit changes; where empty, one line of the service's source.
    pub edits: Vec<Edit>,
    /// The login that pushed; the author where absent.
    pub pusher: Option<String>,
    /// The login that started the run; the pusher where absent.
    pub triggering_actor: Option<String>,
    /// GitHub's event: `push`, `workflow_dispatch`, …
    pub event: String,
    /// The pull request it came by.
    pub merged_pr: Option<MergedPr>,
    /// The branch; made from `main` where it does not exist.
    pub branch: String,
    /// Whether the build left an image in ECR under the commit's SHA.
    pub image: bool,
    /// When production began to wait; now where absent.
    pub at: Option<DateTime<Utc>>,
}

impl PushRun {
    /// A plain push to `main` by one author.
    #[must_use]
    pub fn of(service: &str, author: &str) -> Self {
        Self {
            service: service.to_owned(),
            title: format!("Change {service}"),
            author: author.to_owned(),
            committer: None,
            co_authors: Vec::new(),
            earlier: Vec::new(),
            edits: Vec::new(),
            pusher: None,
            triggering_actor: None,
            event: "push".to_owned(),
            merged_pr: None,
            branch: "main".to_owned(),
            image: true,
            at: None,
        }
    }

    fn commits(&self) -> Vec<NewCommit> {
        let head = NewCommit {
            title: self.title.clone(),
            author: self.author.clone(),
            committer: self.committer.clone(),
            co_authors: self.co_authors.clone(),
            edits: self.edits.clone(),
        };
        self.earlier.iter().cloned().chain([head]).collect()
    }
}

impl GitHub {
    fn signature(&self, who: &str, at: DateTime<Utc>) -> anyhow::Result<Signature> {
        if let Some((name, rest)) = who.split_once(" <") {
            return Ok(Signature { name: name.to_owned(), email: rest.trim_end_matches('>').to_owned(), at });
        }
        let account = self.account_by_login(who).with_context(|| format!("nobody has the login `{who}`"))?;
        Ok(Signature { name: account.name.clone(), email: account.email.clone(), at })
    }

    fn trailer(&self, who: &str) -> anyhow::Result<String> {
        if who.contains(" <") {
            return Ok(format!("Co-authored-by: {who}"));
        }
        let account = self.account_by_login(who).with_context(|| format!("nobody has the login `{who}`"))?;
        Ok(format!("Co-authored-by: {} <{}+{}@users.noreply.github.com>", account.name, account.id, account.login))
    }

    pub(super) fn login(&self, login: &str) -> anyhow::Result<u64> {
        Ok(self.account_by_login(login).with_context(|| format!("nobody has the login `{login}`"))?.id)
    }

    /// Makes commits on a branch and returns their SHAs, oldest first.
    pub(crate) fn commit(
        &mut self,
        repo: u64,
        branch: &str,
        default_path: &str,
        commits: &[NewCommit],
        at: DateTime<Utc>,
    ) -> anyhow::Result<Vec<String>> {
        let mut made = Vec::new();
        for (index, commit) in commits.iter().enumerate() {
            let at = at - minutes(i64::try_from(commits.len() - index).unwrap_or_default() * 7);
            let author = self.signature(&commit.author, at)?;
            let committer = self.signature(commit.committer.as_ref().unwrap_or(&commit.author), at)?;
            let trailers = commit.co_authors.iter().map(|who| self.trailer(who)).collect::<anyhow::Result<Vec<_>>>()?;
            let message = if trailers.is_empty() {
                commit.title.clone()
            } else {
                format!("{}\n\n{}", commit.title, trailers.join("\n"))
            };
            let here = self.repo_mut(repo).context("no such repository")?;
            let parent = here.branches.get(branch).or_else(|| here.branches.get("main")).cloned();
            let mut files = parent
                .as_ref()
                .and_then(|sha| here.git.commit(sha))
                .map(|commit| here.git.files(&commit.tree))
                .unwrap_or_default();
            apply(here, &mut files, &commit.edits, default_path, &commit.title);
            let tree = here.git.write_tree(&files);
            let sha = here.git.write_commit(tree, parent.into_iter().collect(), author, committer, message);
            here.branches.insert(branch.to_owned(), sha.clone());
            here.pushed_at = at;
            made.push(sha);
        }
        Ok(made)
    }
}

fn apply(repo: &mut Repo, files: &mut Files, edits: &[Edit], default_path: &str, title: &str) {
    for edit in edits {
        match edit {
            Edit::Write(path, content) => {
                let sha = repo.git.write_blob(content);
                files.insert(path.clone(), sha);
            }
            Edit::Delete(path) => {
                files.remove(path);
            }
            Edit::Submodule(path, commit) => {
                let sha = repo.git.write_link(commit);
                files.insert(path.clone(), sha);
            }
        }
    }
    if edits.is_empty() {
        let known = files.get(default_path).and_then(|sha| repo.git.blob(sha)).unwrap_or_default();
        let sha = repo.git.write_blob(&format!("{known}# {title}\n"));
        files.insert(default_path.to_owned(), sha);
    }
}

impl Model {
    /// A branch of what was released last, where there is none of this name.
    pub(crate) fn branch_off(&mut self, service: &str, branch: &str) -> anyhow::Result<()> {
        let service = self.service(service)?;
        let released = self.github.runs.values().rev().find(|run| run.service == service.name && run.is_released());
        let sha = released.with_context(|| format!("nothing of {} was ever released", service.name))?.head_sha.clone();
        let repo = self.github.repo_mut(service.repository_id).context("a service has a repository")?;
        repo.branches.entry(branch.to_owned()).or_insert(sha);
        Ok(())
    }

    /// Commits, pushes, builds and deploys to staging; production waits.
    pub(crate) fn push_run(&mut self, now: DateTime<Utc>, push: &PushRun) -> anyhow::Result<RunId> {
        let service = self.service(&push.service)?;
        let waits_at = push.at.unwrap_or(now);
        let pushed_at = waits_at - minutes(13);
        let repo = service.repository_id;
        let before = self
            .github
            .repo(repo)
            .and_then(|repo| repo.branches.get(&push.branch).or_else(|| repo.branches.get("main")).cloned())
            .unwrap_or_default();
        let commits = self.github.commit(
            repo,
            &push.branch,
            &format!("{}/app/main.py", service.source_path),
            &push.commits(),
            pushed_at,
        )?;
        let head = commits.last().cloned().context("a push has a commit")?;
        let author = self.github.signature(&push.author, now)?;
        let pusher = match (&push.pusher, &push.merged_pr) {
            (Some(login), _) => self.github.login(login)?,
            (None, Some(pull)) => self.github.login(&pull.merged_by)?,
            (None, None) => self.github.account_by_email(&author.email).context("a raw author needs a `pusher`")?.id,
        };
        let kind = if push.merged_pr.is_some() { "pr_merge" } else { "push" };
        let id = self.github.id();
        if let Some(repo) = self.github.repo_mut(repo) {
            repo.activity.push(Activity {
                id,
                reference: format!("refs/heads/{}", push.branch),
                before: before.clone(),
                after: head.clone(),
                actor: pusher,
                kind,
                at: pushed_at,
            });
        }
        let pull = match &push.merged_pr {
            Some(pull) => Some(self.open_and_merge(&service, push, pull, &before, commits, pushed_at)?),
            None => None,
        };
        let actor = push.triggering_actor.as_ref().map_or(Ok(pusher), |login| self.github.login(login))?;
        if push.image {
            let digest = digest_of_build(&service.image_repository, &head);
            self.ecr.push(&service.image_repository, &head, &digest, pushed_at + minutes(6));
            if push.branch == "main" {
                self.put_before_production(&service, &digest, pushed_at + minutes(9))?;
            }
        }
        self.start_run(&service, push, head, (pusher, actor), pull, waits_at)
    }

    fn open_and_merge(
        &mut self,
        service: &Service,
        push: &PushRun,
        pull: &MergedPr,
        before: &str,
        commits: Vec<String>,
        at: DateTime<Utc>,
    ) -> anyhow::Result<u64> {
        let (author, merged_by) = (self.github.login(&pull.by)?, self.github.login(&pull.merged_by)?);
        let pushed_by = pull.pushed_by.as_ref().map_or(Ok(author), |login| self.github.login(login))?;
        self.github.next_pull += 1;
        let (id, number, activity) = (self.github.id(), self.github.next_pull, self.github.id());
        let slug: String =
            push.title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let head = commits.last().cloned().unwrap_or_default();
        if let Some(repo) = self.github.repo_mut(service.repository_id) {
            repo.activity.push(Activity {
                id: activity,
                reference: format!("refs/heads/{slug}"),
                before: before.to_owned(),
                after: head.clone(),
                actor: pushed_by,
                kind: "push",
                at: at - TimeDelta::hours(1),
            });
        }
        self.github.pulls.push(Pull {
            id,
            number,
            repo: service.repository_id,
            title: pull.title.clone(),
            author,
            branch: slug,
            base_sha: before.to_owned(),
            head_sha: head,
            merged_by,
            created_at: at - TimeDelta::hours(5),
            merged_at: at,
            commits,
        });
        Ok(number)
    }

    pub(crate) fn start_run(
        &mut self,
        service: &Service,
        push: &PushRun,
        head_sha: String,
        actors: (u64, u64),
        pull: Option<u64>,
        waits_at: DateTime<Utc>,
    ) -> anyhow::Result<RunId> {
        let number = 1 + self.github.runs.values().filter(|run| run.workflow == service.workflow).count() as u64;
        let (id, attempt) = (self.github.id(), self.github.attempt(1, actors.1, waits_at));
        self.github.leave_evidence(id, service, &head_sha, attempt.started_at);
        let run = Run {
            id,
            number: number + 380,
            repo: service.repository_id,
            service: service.name.clone(),
            workflow: service.workflow.clone(),
            workflow_id: service.workflow_id,
            branch: push.branch.clone(),
            head_sha,
            title: push.title.clone(),
            event: push.event.clone(),
            actor: actors.0,
            pull,
            created_at: waits_at - minutes(13),
            attempts: vec![attempt],
            answers: Vec::new(),
            reports: Vec::new(),
        };
        self.github.runs.insert(id, run);
        self.github.deployment(id, "staging", "staging", &["in_progress", "success"], waits_at - minutes(7))?;
        Ok(id)
    }
}
