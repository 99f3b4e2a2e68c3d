//! Connections, shared out among the threads that answer requests.
//!
//! A connection is driven by the runtime of the thread that opened it, and each of these threads has a runtime of its own:
//! what one asks down a connection of another crosses threads twice, and waits while that one is busy with an answer.
//! A thread whose share is in use borrows of another that has little to do.

use super::PoolFigures;
use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

thread_local! {
    /// The number of this thread among those that answer requests.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Counts the current thread among those that answer requests: it has a share of its own from here on.
pub fn claim_share() {
    static CLAIMED: AtomicUsize = AtomicUsize::new(0);
    NUMBER.set(CLAIMED.fetch_add(1, Ordering::Relaxed));
}

/// A pool for each thread.
pub(super) struct Shares<P>(Arc<[P]>);

impl<P> Clone for Shares<P> {
    fn clone(&self) -> Self {
        Shares(Arc::clone(&self.0))
    }
}

impl<P> Shares<P> {
    /// So many connections for so many threads; `pool` makes one of so many connections.
    ///
    /// # Errors
    /// Those of `pool`.
    pub(super) fn out<E>(
        connections: usize,
        threads: usize,
        pool: impl Fn(usize) -> Result<P, E>,
    ) -> Result<Self, E> {
        let connections = connections.max(1);
        let threads = threads.clamp(1, connections);
        let sizes = (0..threads)
            .map(|thread| connections / threads + usize::from(thread < connections % threads));
        let pools: Result<_, E> = sizes.map(pool).collect();
        Ok(Shares(pools?))
    }

    pub(super) fn own(&self) -> &P {
        &self.0[NUMBER.get() % self.0.len()]
    }

    /// The pool to ask: that of the current thread, unless all of it is in use and half of another one is not.
    pub(super) fn pick(&self, figures: impl Fn(&P) -> PoolFigures) -> &P {
        let own = self.own();
        if self.0.len() == 1 || figures(own).used < figures(own).most {
            return own;
        }
        let mut others = self.0.iter();
        let idle = others.find(|pool| figures(pool).used * 2 <= figures(pool).most);
        idle.unwrap_or(own)
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, P> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_connections_are_shared_out_and_a_thread_finds_its_own_first() {
        for (connections, threads, sizes) in [
            (8, 2, vec![4, 4]),
            (7, 3, vec![3, 2, 2]),
            (2, 4, vec![1, 1]),
            (0, 0, vec![1]),
        ] {
            let shares = Shares::out(connections, threads, Ok::<_, ()>).expect("shares");
            assert_eq!(shares.iter().copied().collect::<Vec<_>>(), sizes);
        }
    }

    #[test]
    fn a_thread_borrows_of_who_has_little_to_do() {
        NUMBER.set(4);
        let picked = |used: [usize; 3]| {
            let shares = Shares(Arc::from([(0, used[0]), (1, used[1]), (2, used[2])]));
            let figures = |&(_, used): &_| PoolFigures {
                most: 4,
                used,
                ..PoolFigures::default()
            };
            shares.pick(figures).0
        };
        assert_eq!(picked([0, 3, 0]), 1);
        assert_eq!(picked([3, 4, 3]), 1);
        assert_eq!(picked([3, 4, 2]), 2);
        assert_eq!(picked([2, 4, 2]), 0);
    }
}
