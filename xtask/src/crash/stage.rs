//! The database and the server on it: how they are killed and start again.

use super::{Engine, Problem, hasty, postgres, postgres::Cluster, server::Server};
use std::{net::SocketAddr, path::Path, time::Duration};
use tempfile::TempDir;

/// One restart in so many is struck once more while it recovers.
const STUMBLES: u32 = 4;

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    Server,
    Database,
    Both,
}

/// Dropped in this order: the server, its database, their files.
pub(super) struct Stage {
    pub(super) server: Server,
    cluster: Option<Cluster>,
    folder: TempDir,
}

impl Stage {
    pub(super) async fn prepare(engine: Engine, program: &Path) -> Result<Stage, Problem> {
        let folder = postgres::folder()?;
        let cluster = match engine {
            Engine::Postgres => Some(Cluster::create(folder.path()).await?),
            Engine::Sqlite => None,
        };
        let url = match &cluster {
            Some(cluster) => cluster.url(),
            None => format!("sqlite://{}", folder.path().join("yihu.sqlite").display()),
        };
        let server = Server::filled(program, folder.path(), url)?;
        let mut stage = Stage {
            server,
            cluster,
            folder,
        };
        stage.server.begin()?;
        stage.server.is_ready().await?;
        Ok(stage)
    }

    pub(super) fn engine(&self) -> Engine {
        match self.cluster {
            Some(_) => Engine::Postgres,
            None => Engine::Sqlite,
        }
    }

    /// SQLite runs within the server.
    pub(super) fn blow(&self, chance: &mut fastrand::Rng) -> Blow {
        match (&self.cluster, chance.u32(..3)) {
            (None, _) | (_, 0) => Blow::Server,
            (_, 1) => Blow::Database,
            _ => Blow::Both,
        }
    }

    pub(super) fn strike(&mut self, blow: Blow) -> Result<(), Problem> {
        if blow != Blow::Server
            && let Some(cluster) = &mut self.cluster
        {
            cluster.kill()?;
        }
        if blow != Blow::Database {
            self.server.kill()?;
        }
        Ok(())
    }

    /// Starts again what was killed, now and then after it was killed once more on the way.
    pub(super) async fn rise(
        &mut self,
        blow: Blow,
        chance: &mut fastrand::Rng,
    ) -> Result<(), Problem> {
        if chance.u32(..STUMBLES) == 0 {
            self.begin_database(blow)?;
            self.begin_server(blow)?;
            tokio::time::sleep(Duration::from_millis(chance.u64(..500))).await;
            self.strike(blow)?;
        }
        self.begin_database(blow)?;
        if let Some(cluster) = &mut self.cluster {
            cluster.answers().await?;
        }
        self.begin_server(blow)?;
        self.server.is_ready().await
    }

    fn begin_database(&mut self, blow: Blow) -> Result<(), Problem> {
        match &mut self.cluster {
            Some(cluster) if blow != Blow::Server => cluster.begin(),
            _ => Ok(()),
        }
    }

    fn begin_server(&mut self, blow: Blow) -> Result<(), Problem> {
        match blow {
            Blow::Database => Ok(()),
            Blow::Server | Blow::Both => self.server.begin(),
        }
    }

    /// From now on what is acknowledged can be lost. Says where to send to, and how it is done.
    pub(super) async fn make_forgetful(&mut self) -> Result<(SocketAddr, &'static str), Problem> {
        // The seal file would remember seals that are lost.
        self.server.seal_file = false;
        self.strike(Blow::Both)?;
        if let Some(cluster) = &mut self.cluster {
            cluster.settings = &postgres::FORGETFUL;
        }
        self.begin_database(Blow::Both)?;
        if let Some(cluster) = &mut self.cluster {
            cluster.answers().await?;
        }
        self.server.begin()?;
        self.server.is_ready().await?;
        match self.cluster {
            Some(_) => Ok((self.server.address(), "synchronous_commit=off")),
            None => {
                let address = hasty::listen(self.server.address()).await?;
                Ok((address, "acknowledged before the commit"))
            }
        }
    }

    /// Leaves everything there for whoever wants to look, and says where.
    pub(super) fn keep(self) -> String {
        let Stage {
            server,
            cluster,
            folder,
        } = self;
        drop((server, cluster));
        folder.keep().display().to_string()
    }
}
