//! What registers and the frame hold as a line of code is gone through: which of them hold the same value.

use std::collections::BTreeMap;

use arch::{
    AnyRegister, FRAME_POINTER, Instruction, Memory, Move, Operand, STACK_POINTER, Uses,
    VECTOR_SIZE, ZERO_VECTOR,
};

/// The low bytes of some value. What it is need not be known to know that two places have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    number: u32,
    /// How many bytes of it.
    pub(super) size: u32,
}

impl Value {
    /// Zero in all bytes.
    const ZERO: u32 = 0;

    const fn zero(size: u32) -> Self {
        Self {
            number: Self::ZERO,
            size,
        }
    }

    /// Whether they are low bytes of the same.
    pub(super) const fn is_same(self, other: Self) -> bool {
        self.number == other.number
    }

    fn low(self, size: u32) -> Self {
        Self {
            number: self.number,
            size: self.size.min(size),
        }
    }
}

/// A value in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// In bytes from the stack pointer at the function's entry.
    pub(super) offset: i64,
    pub(super) value: Value,
}

impl Stored {
    const fn end(&self) -> i64 {
        self.offset.saturating_add(self.value.size as i64)
    }
}

/// What is known of the stack pointer and the frame pointer, in bytes from the stack pointer at the entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) stack: i64,
    base: Option<i64>,
}

impl Frame {
    pub(super) const fn at_entry() -> Self {
        Self {
            stack: 0,
            base: None,
        }
    }

    /// Where an operand in memory is, if it is in the frame.
    fn place(&self, memory: Memory) -> Option<i64> {
        let base = match memory.base {
            AnyRegister::General(STACK_POINTER) => self.stack,
            AnyRegister::General(FRAME_POINTER) => self.base?,
            _ => return None,
        };
        base.checked_add(memory.displacement?)
    }
}

/// What is where.
pub(super) struct Contents {
    pub(super) frame: Frame,
    registers: BTreeMap<AnyRegister, Value>,
    stored: Vec<Stored>,
    /// How many different values there were.
    numbers: u32,
}

impl Contents {
    /// At the begin of a line, when nothing but the ABI's zero is known.
    pub(super) fn new(frame: Frame) -> Self {
        let zero = ZERO_VECTOR.map(|zero| (AnyRegister::Vector(zero), Value::zero(VECTOR_SIZE)));
        Self {
            frame,
            registers: zero.into_iter().collect(),
            stored: Vec::new(),
            numbers: Value::ZERO,
        }
    }

    /// The value of a register.
    pub(super) fn register(&mut self, register: AnyRegister) -> Value {
        let known = self.registers.get(&register).copied();
        known.unwrap_or_else(|| {
            let value = self.fresh(VECTOR_SIZE);
            self.registers.insert(register, value);
            value
        })
    }

    /// The values that are known to be in the frame.
    pub(super) fn stored(&self) -> &[Stored] {
        &self.stored
    }

    /// Takes in what an instruction changes; none if it can't be said where the frame is after it.
    pub(super) fn step(&mut self, instruction: &Instruction) -> Option<()> {
        let uses = instruction.uses();
        let moved = instruction.moved();
        let value = moved.and_then(|moved| self.taken(moved));
        self.write(&uses);
        if let (Some(Move { to, .. }), Some(value)) = (moved, value) {
            match to {
                Operand::Register(register) => {
                    self.registers.insert(register, value);
                }
                Operand::Memory(memory) => {
                    let place = self.frame.place(memory);
                    self.stored
                        .extend(place.map(|offset| Stored { offset, value }));
                }
                Operand::Zero => {}
            }
        }
        self.follow_frame(instruction, &uses)
    }

    /// The value that a move takes from its place.
    fn taken(&mut self, moved: Move) -> Option<Value> {
        Some(match moved.from {
            Operand::Zero => Value::zero(moved.size),
            Operand::Register(register) => self.register(register).low(moved.size),
            Operand::Memory(memory) => self.loaded(self.frame.place(memory)?, moved.size),
        })
    }

    fn loaded(&mut self, offset: i64, size: u32) -> Value {
        let end = offset.saturating_add(i64::from(size));
        let known = self.stored.iter().find(|stored| {
            let begins = stored.offset == offset
                || (stored.value.number == Value::ZERO && stored.offset < offset);
            begins && stored.end() >= end
        });
        match known {
            Some(stored) => Value {
                number: stored.value.number,
                size,
            },
            None => {
                let value = self.fresh(size);
                self.stored.push(Stored { offset, value });
                value
            }
        }
    }

    fn fresh(&mut self, size: u32) -> Value {
        self.numbers = self.numbers.saturating_add(1);
        Value {
            number: self.numbers,
            size,
        }
    }

    /// Forgets what an instruction writes over.
    fn write(&mut self, uses: &Uses) {
        for register in &uses.written {
            self.registers.remove(register);
        }
        for store in &uses.stores {
            let place = store.and_then(|memory| Some((self.frame.place(memory)?, memory.size)));
            match place {
                Some((offset, size)) => self.overwrite(offset, size),
                // Through another pointer: it might lead into the frame.
                None => self.stored.clear(),
            }
        }
    }

    fn overwrite(&mut self, offset: i64, size: u32) {
        let end = offset.saturating_add(i64::from(size));
        self.stored
            .retain(|stored| offset >= stored.end() || stored.offset >= end);
    }

    fn follow_frame(&mut self, instruction: &Instruction, uses: &Uses) -> Option<()> {
        let before = self.frame;
        self.frame.stack = before.stack.checked_add(instruction.stack_change()?)?;
        if uses.written.contains(&AnyRegister::General(FRAME_POINTER)) {
            self.frame.base = match (instruction.moved(), instruction.memory()) {
                (Some(Move { from, size: 8, .. }), _)
                    if from == Operand::Register(AnyRegister::General(STACK_POINTER)) =>
                {
                    Some(before.stack)
                }
                (None, Some(memory @ Memory { size: 0, .. })) => before.place(memory),
                _ => None,
            };
        }
        Some(())
    }
}
