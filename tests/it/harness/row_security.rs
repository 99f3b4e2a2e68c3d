//! Row security in a run: with `YIHU_TEST_ROW_SECURITY=1` the databases on PostgreSQL stand behind the second wall. The role of
//! the tests owns the tables and is no superuser, as in production.

use super::Engine;
use std::env;

/// Whether this run has the wall up.
pub(crate) fn is_walled(engine: Engine) -> bool {
    let wanted = env::var("YIHU_TEST_ROW_SECURITY").is_ok_and(|wanted| wanted == "1");
    wanted && engine == Engine::Postgres
}

/// The address for a look beside the server, which sees all rows.
pub(super) fn beside_the_wall(engine: Engine, url: &str) -> String {
    if engine == Engine::Sqlite {
        return url.to_owned();
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}options[app.lo]=0&options[app.hi]={}", i64::MAX)
}
