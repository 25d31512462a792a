//! Kernel programs that watch one binary after the other: to load one takes longer than most tests.

use std::{
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use kernel::{HitCost, Kernel, KernelError, LinkKind, LoadOptions, SpareKernel};
use model::plan::Plan;

/// The kernel programs of one command.
pub(crate) struct Kernels {
    options: LoadOptions,
    state: Mutex<State>,
    /// One more is spare, or one less is being loaded.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    spare: Vec<SpareKernel>,
    /// How many will be spare soon.
    loading: usize,
    /// What a hit costs, once it was measured.
    cost: Option<HitCost>,
}

impl Kernels {
    /// None are loaded yet.
    pub(crate) fn new(options: LoadOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Begins to load as many as can be of use at a time for so many binaries.
    pub(crate) fn load_ahead(self: &Arc<Self>, binaries: usize) {
        let at_a_time = thread::available_parallelism().map_or(1, usize::from);
        let count = binaries.min(at_a_time);
        self.state().loading += count;
        let kernels = Arc::clone(self);
        thread::spawn(move || {
            for _ in 0..count {
                // Who needs one will hear what is wrong.
                let loaded = SpareKernel::load(&kernels.options).ok();
                let loaded = loaded.and_then(|spare| kernels.calibrate(spare));
                let mut state = kernels.state();
                state.loading -= 1;
                state.spare.extend(loaded);
                drop(state);
                kernels.changed.notify_all();
            }
        });
    }

    /// Measures what a hit costs, once.
    fn calibrate(&self, spare: SpareKernel) -> Option<SpareKernel> {
        if self.state().cost.is_some() {
            return Some(spare);
        }
        let (cost, spare) = spare.calibrate().ok()?;
        self.state().cost = Some(cost);
        spare
    }

    /// One with the tables of a plan, which is given back when it is dropped.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a plan that is too large.
    pub(super) fn take(self: &Arc<Self>, plan: &Plan) -> Result<Lent, KernelError> {
        let kernel = match self.spare() {
            Some(spare) => spare.with(plan)?,
            None => Kernel::load(plan, &self.options)?,
        };
        Ok(Lent {
            kernel: Some(kernel),
            kernels: Arc::clone(self),
        })
    }

    /// A spare one; waits for one that is being loaded.
    fn spare(&self) -> Option<SpareKernel> {
        let mut state = self.state();
        loop {
            if let Some(spare) = state.spare.pop() {
                return Some(spare);
            }
            if state.loading == 0 {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, kernel: Kernel) {
        // One that can't be used any more is unloaded.
        if let Ok(Some(spare)) = kernel.into_spare() {
            self.state().spare.push(spare);
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A kernel program that watches a binary.
pub(super) struct Lent {
    /// Until it is dropped.
    kernel: Option<Kernel>,
    kernels: Arc<Kernels>,
}

impl Lent {
    #[expect(clippy::expect_used, reason = "it is taken out in `drop` alone")]
    pub(super) fn kernel(&mut self) -> &mut Kernel {
        let kernel = self.kernel.as_mut();
        kernel.expect("it is there until it is dropped")
    }

    /// What a hit costs. It is measured once, except where it is measured too how long one probe takes to take off.
    ///
    /// # Errors
    /// goproctor's own executable can't be probed.
    pub(super) fn hit_cost(&mut self) -> Result<HitCost, KernelError> {
        let known = self.kernels.state().cost;
        let kernel = self.kernel();
        if let (Some(cost), LinkKind::Multi) = (known, kernel.kind()) {
            return Ok(cost);
        }
        let cost = kernel.calibrate()?;
        self.kernels.state().cost = Some(cost);
        Ok(cost)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let is_last_user = Arc::strong_count(&self.kernels) == 1;
        if let Some(kernel) = mem::take(&mut self.kernel)
            && !is_last_user
        {
            self.kernels.give_back(kernel);
        }
    }
}
