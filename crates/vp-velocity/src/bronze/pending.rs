//! Messages that wait to be written, contract by contract.
//!
//! A contract's messages are gathered until they fill a row group. Many contracts together may not
//! hold more than a fixed number: then the one with the most gives its row group early. Which does
//! when depends on the messages alone, so that equal files give equal bytes.

use std::fmt;

use vp_lake::tables::{Build, Partition, PartitionError, Table, Values};

use super::columns::BATCH_ROWS;

/// Messages of all contracts that wait at a time, at most: less than 100 MiB of them.
const MAX_WAITING: usize = 1 << 20;

/// The contracts of a date, on their way to their partitions.
pub(super) struct Pending<M, C> {
    build: Build,
    table: &'static Table,
    /// Turns messages of a partition into columns.
    columns: C,
    contracts: Vec<Waiting<M>>,
    waiting: usize,
}

/// A contract and its messages.
#[derive(Debug)]
struct Waiting<M> {
    partition: Partition,
    messages: Vec<M>,
    /// The number that the partition has in the build, once something has been written.
    part: Option<usize>,
}

impl<M, C> fmt::Debug for Pending<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("table", &self.table.name)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

impl<M: Clone, C: Fn(&[M], &Partition) -> Vec<Values>> Pending<M, C> {
    pub(super) fn new(
        build: Build,
        table: &'static Table,
        partitions: impl Iterator<Item = Partition>,
        columns: C,
    ) -> Self {
        let waiting = |partition| Waiting {
            partition,
            messages: Vec::new(),
            part: None,
        };
        Self {
            build,
            table,
            columns,
            contracts: partitions.map(waiting).collect(),
            waiting: 0,
        }
    }

    /// Takes a message of the contract with that number.
    #[inline]
    pub(super) fn push(&mut self, contract: usize, message: &M) -> Result<(), PartitionError> {
        let messages = &mut self.contracts[contract].messages;
        messages.push(message.clone());
        self.waiting += 1;
        if messages.len() >= self.table.row_group_rows {
            self.write(contract)?;
        } else if self.waiting >= MAX_WAITING {
            let contracts = 0..self.contracts.len();
            let most = contracts.max_by_key(|&contract| self.contracts[contract].messages.len());
            self.write(most.unwrap_or(contract))?;
        }
        Ok(())
    }

    /// Returns the contracts that there have been messages of.
    pub(super) fn found(&self) -> impl Iterator<Item = &str> {
        let is_found =
            |waiting: &&Waiting<M>| waiting.part.is_some() || !waiting.messages.is_empty();
        let found = self.contracts.iter().filter(is_found);
        found.map(|waiting| waiting.partition.symbol())
    }

    /// Writes what still waits.
    pub(super) fn finish(mut self) -> Result<Build, PartitionError> {
        for contract in 0..self.contracts.len() {
            self.write(contract)?;
        }
        Ok(self.build)
    }

    /// Writes a contract's messages as one row group.
    fn write(&mut self, contract: usize) -> Result<(), PartitionError> {
        let Waiting {
            partition,
            messages,
            part,
        } = &mut self.contracts[contract];
        if messages.is_empty() {
            return Ok(());
        }
        let part = match *part {
            Some(part) => part,
            None => *part.insert(self.build.add(partition.clone(), self.table)?),
        };
        for batch in messages.chunks(BATCH_ROWS) {
            self.build.append(part, (self.columns)(batch, partition))?;
        }
        self.build.end_row_group(part)?;
        self.waiting -= messages.len();
        // A contract that has filled its row group will fill the next; another gives its memory back.
        if messages.len() >= self.table.row_group_rows {
            messages.clear();
        } else {
            *messages = Vec::new();
        }
        Ok(())
    }
}
