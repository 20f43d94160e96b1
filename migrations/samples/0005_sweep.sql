-- As a portal leaves it that looked through GitHub's log a minute ago.
INSERT INTO github_sweeps (read_until) VALUES ('2026-11-23T09:00:00Z');
