//! What registers and the frame hold as a line of code is gone through: which of them hold the same value.

use iced_x86::{
    Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register, UsedMemory,
};

/// X0 … X14 carry arguments and results; X15 is the ABI's zero.
pub(super) const VECTORS: u8 = 15;

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
    fn place(&self, instruction: &Instruction) -> Option<i64> {
        if instruction.memory_index() != Register::None
            || instruction.segment_prefix() != Register::None
        {
            return None;
        }
        let base = match instruction.memory_base() {
            Register::RSP => self.stack,
            Register::RBP => self.base?,
            _ => return None,
        };
        base.checked_add(instruction.memory_displacement64().cast_signed())
    }
}

/// How an instruction moves the stack pointer, in bytes; none if that is not understood.
pub(super) fn stack_change(instruction: &Instruction) -> Option<i64> {
    let immediate = || {
        let is_immediate = !matches!(instruction.op1_kind(), OpKind::Register | OpKind::Memory);
        is_immediate.then(|| instruction.immediate(1).cast_signed())
    };
    let writes =
        instruction.op0_kind() == OpKind::Register && instruction.op0_register() == Register::RSP;
    match instruction.mnemonic() {
        Mnemonic::Push | Mnemonic::Pop if writes => None,
        Mnemonic::Push | Mnemonic::Pop => Some(i64::from(instruction.stack_pointer_increment())),
        Mnemonic::Sub if writes => immediate()?.checked_neg(),
        Mnemonic::Add if writes => immediate(),
        Mnemonic::Lea if writes && instruction.memory_base() == Register::RSP => {
            let plain = instruction.memory_index() == Register::None;
            plain.then(|| instruction.memory_displacement64().cast_signed())
        }
        Mnemonic::Cmp | Mnemonic::Test => Some(0),
        _ if writes || instruction.is_stack_instruction() => None,
        _ => Some(0),
    }
}

/// A place that values are moved from or to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    /// A register, by [`index`].
    Register(usize),
    /// The frame, in bytes from the stack pointer at the entry.
    Frame(i64),
    /// The number zero.
    Zero,
}

/// A plain move of so many low bytes.
#[derive(Clone, Copy, Debug)]
struct Move {
    to: Spot,
    from: Spot,
    size: u32,
}

/// What is where.
pub(super) struct Contents {
    pub(super) frame: Frame,
    /// Vector registers, then general ones.
    registers: [Value; 32],
    stored: Vec<Stored>,
    /// How many values were told apart.
    numbers: u32,
    info: InstructionInfoFactory,
}

impl Contents {
    /// At the begin of a line, when nothing but the ABI's zero is known.
    pub(super) fn new(frame: Frame) -> Self {
        let mut contents = Self {
            frame,
            registers: [Value::zero(MAX_WIDTH); 32],
            stored: Vec::new(),
            numbers: Value::ZERO,
            info: InstructionInfoFactory::new(),
        };
        for index in (0..32).filter(|index| *index != usize::from(VECTORS)) {
            contents.forget(index);
        }
        contents
    }

    /// The value of X0 … X14.
    pub(super) fn vector(&self, number: u8) -> Value {
        let value = self.registers.get(usize::from(number.min(VECTORS)));
        value.copied().unwrap_or(Value::zero(0))
    }

    /// The values that are known to be in the frame.
    pub(super) fn stored(&self) -> &[Stored] {
        &self.stored
    }

    /// Takes in what an instruction changes; none if it can't be said where the frame is after it.
    pub(super) fn step(&mut self, instruction: &Instruction) -> Option<()> {
        let moved = self.moved(instruction);
        let value = moved.map(|moved| self.taken(moved));
        self.write(instruction);
        if let (Some(moved), Some(value)) = (moved, value) {
            match moved.to {
                Spot::Register(index) => {
                    if let Some(register) = self.registers.get_mut(index) {
                        *register = value;
                    }
                }
                Spot::Frame(offset) => self.stored.push(Stored { offset, value }),
                Spot::Zero => {}
            }
        }
        self.follow_frame(instruction)
    }

    /// The value that a move takes from its place.
    fn taken(&mut self, moved: Move) -> Value {
        match moved.from {
            Spot::Zero => Value::zero(moved.size),
            Spot::Register(index) => match self.registers.get(index) {
                Some(value) => value.low(moved.size),
                None => self.fresh(moved.size),
            },
            Spot::Frame(offset) => self.loaded(offset, moved.size),
        }
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

    fn forget(&mut self, index: usize) {
        let value = self.fresh(MAX_WIDTH);
        if let Some(register) = self.registers.get_mut(index) {
            *register = value;
        }
    }

    /// Forgets what an instruction writes over.
    fn write(&mut self, instruction: &Instruction) {
        let place = self.frame.place(instruction);
        let info = self.info.info(instruction);
        let registers: Vec<usize> = info
            .used_registers()
            .iter()
            .filter(|used| is_write(used.access()))
            .filter_map(|used| index(used.register()))
            .collect();
        let memory: Vec<UsedMemory> = info
            .used_memory()
            .iter()
            .filter(|used| is_write(used.access()))
            .copied()
            .collect();
        for index in registers {
            self.forget(index);
        }
        for used in memory {
            let size = used.memory_size().size();
            match place {
                // What is pushed is below all that is known to stay.
                _ if instruction.mnemonic() == Mnemonic::Push => {
                    self.overwrite(self.frame.stack.saturating_sub(8), 8);
                }
                Some(offset) if size > 0 => self.overwrite(offset, size),
                // Through another pointer: it might lead into the frame.
                _ => self.stored.clear(),
            }
        }
    }

    fn overwrite(&mut self, offset: i64, size: usize) {
        let end = i64::try_from(size).map_or(i64::MAX, |size| offset.saturating_add(size));
        self.stored
            .retain(|stored| offset >= stored.end() || stored.offset >= end);
    }

    /// What an instruction moves, if it does nothing else.
    fn moved(&self, instruction: &Instruction) -> Option<Move> {
        let to = self.spot(instruction, 0)?;
        if is_zeroing(instruction) {
            return Some(Move {
                to,
                from: Spot::Zero,
                size: MAX_WIDTH,
            });
        }
        let size = match instruction.mnemonic() {
            Mnemonic::Mov => width(instruction)?,
            Mnemonic::Movss | Mnemonic::Movd | Mnemonic::Vmovd => 4,
            Mnemonic::Movsd | Mnemonic::Movq | Mnemonic::Vmovq => 8,
            Mnemonic::Movups | Mnemonic::Movaps | Mnemonic::Movupd | Mnemonic::Movapd => 16,
            // Two registers would be three operands.
            Mnemonic::Vmovss if instruction.op_count() == 2 => 4,
            Mnemonic::Vmovsd if instruction.op_count() == 2 => 8,
            _ => return None,
        };
        let from = self.spot(instruction, 1)?;
        Some(Move { to, from, size })
    }

    fn spot(&self, instruction: &Instruction, operand: u32) -> Option<Spot> {
        match instruction.try_op_kind(operand).ok()? {
            OpKind::Register => index(instruction.op_register(operand)).map(Spot::Register),
            OpKind::Memory => self.frame.place(instruction).map(Spot::Frame),
            _ => matches!(instruction.try_immediate(operand), Ok(0)).then_some(Spot::Zero),
        }
    }

    fn follow_frame(&mut self, instruction: &Instruction) -> Option<()> {
        let before = self.frame.stack;
        self.frame.stack = before.checked_add(stack_change(instruction)?)?;
        let writes_base = self
            .info
            .info(instruction)
            .used_registers()
            .iter()
            .any(|used| {
                is_write(used.access()) && used.register().full_register() == Register::RBP
            });
        if writes_base {
            self.frame.base = match instruction.mnemonic() {
                Mnemonic::Mov if instruction.op1_register() == Register::RSP => Some(before),
                Mnemonic::Lea
                    if instruction.memory_base() == Register::RSP
                        && instruction.memory_index() == Register::None =>
                {
                    before.checked_add(instruction.memory_displacement64().cast_signed())
                }
                _ => None,
            };
        }
        Some(())
    }
}

/// The size of the widest register that is moved whole, in bytes.
const MAX_WIDTH: u32 = 16;

/// The bytes that a plain `mov` copies whole: 4 or 8.
fn width(instruction: &Instruction) -> Option<u32> {
    let of = |operand| {
        let register = instruction.op_register(operand);
        (register.is_gpr32() || register.is_gpr64()).then(|| register.size())
    };
    let size = match (instruction.op0_kind(), instruction.op1_kind()) {
        (OpKind::Register, OpKind::Register) => of(0).filter(|size| of(1) == Some(*size)),
        (OpKind::Register, _) => of(0),
        (OpKind::Memory, OpKind::Register) => of(1),
        (OpKind::Memory, _) => Some(instruction.memory_size().size()),
        _ => None,
    };
    size.and_then(|size| u32::try_from(size).ok())
        .filter(|size| matches!(size, 4 | 8))
}

/// Whether an instruction makes a register zero, whatever it held.
fn is_zeroing(instruction: &Instruction) -> bool {
    let exclusive = matches!(
        instruction.mnemonic(),
        Mnemonic::Xorps | Mnemonic::Xorpd | Mnemonic::Pxor | Mnemonic::Xor
    );
    let register = instruction.op0_register();
    exclusive
        && instruction.op0_kind() == OpKind::Register
        && instruction.op1_kind() == OpKind::Register
        && register == instruction.op1_register()
        && (register.is_xmm() || register.is_gpr32() || register.is_gpr64())
}

const fn is_write(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

/// A register's place among those that are followed: by any of its widths.
fn index(register: Register) -> Option<usize> {
    let whole = register.full_register();
    if register.is_vector_register() {
        Some(register.number()).filter(|number| *number < 16)
    } else if whole.is_gpr64() {
        Some(16 + whole.number())
    } else {
        None
    }
}
