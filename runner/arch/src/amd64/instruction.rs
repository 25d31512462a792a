//! What instructions do.

use iced_x86::{
    Decoder, DecoderOptions, FlowControl, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register as Named,
};

use super::registers::Register;
use crate::instruction::{AnyRegister, Flow, Memory, Move, Operand, Uses, VECTOR_SIZE};

/// An instruction with its address.
#[derive(Clone, Copy, Debug)]
pub struct Instruction(iced_x86::Instruction);

/// The instructions of code that begins at an address, one after the other; an address where there is none.
pub fn instructions(code: &[u8], start: u64) -> impl Iterator<Item = Result<Instruction, u64>> {
    let decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
    decoder.into_iter().map(|instruction| {
        if instruction.is_invalid() {
            Err(instruction.ip())
        } else {
            Ok(Instruction(instruction))
        }
    })
}

impl Instruction {
    /// Its address.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.0.ip()
    }

    /// What comes after it.
    #[must_use]
    pub fn flow(&self) -> Flow {
        let target = matches!(
            self.0.op0_kind(),
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64
        )
        .then(|| self.0.near_branch_target());
        match self.0.flow_control() {
            FlowControl::Next => Flow::Next,
            FlowControl::ConditionalBranch => target.map_or(Flow::Other, Flow::Branch),
            FlowControl::UnconditionalBranch | FlowControl::IndirectBranch => Flow::Jump(target),
            FlowControl::Call | FlowControl::IndirectCall => Flow::Call(target),
            FlowControl::Return if self.0.mnemonic() == Mnemonic::Ret => Flow::Return,
            FlowControl::Return | FlowControl::Exception => Flow::Stop,
            FlowControl::Interrupt | FlowControl::XbeginXabortXend => Flow::Other,
        }
    }

    /// How it moves the stack pointer, in bytes; none if that is not understood.
    #[must_use]
    pub fn stack_change(&self) -> Option<i64> {
        let immediate = || {
            let is_immediate = !matches!(self.0.op1_kind(), OpKind::Register | OpKind::Memory);
            is_immediate.then(|| self.0.immediate(1).cast_signed())
        };
        let writes = self.0.op0_kind() == OpKind::Register && self.0.op0_register() == Named::RSP;
        match self.0.mnemonic() {
            Mnemonic::Push | Mnemonic::Pop if writes => None,
            Mnemonic::Push | Mnemonic::Pop => Some(i64::from(self.0.stack_pointer_increment())),
            Mnemonic::Sub if writes => immediate()?.checked_neg(),
            Mnemonic::Add if writes => immediate(),
            Mnemonic::Lea if writes && self.0.memory_base() == Named::RSP => {
                let plain = self.0.memory_index() == Named::None;
                plain.then(|| self.0.memory_displacement64().cast_signed())
            }
            Mnemonic::Cmp | Mnemonic::Test => Some(0),
            _ if writes || self.0.is_stack_instruction() => None,
            _ => Some(0),
        }
    }

    /// Its operand in memory, if that is counted from a register.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        let is_plain =
            self.0.memory_index() == Named::None && self.0.segment_prefix() == Named::None;
        Some(Memory {
            base: any_register(self.0.memory_base())?,
            displacement: is_plain.then(|| self.0.memory_displacement64().cast_signed()),
            size: u32::try_from(self.0.memory_size().size()).ok()?,
        })
    }

    /// What it moves, if it does nothing else.
    #[must_use]
    pub fn moved(&self) -> Option<Move> {
        let to = self.operand(0)?;
        if self.is_zeroing() {
            return Some(Move {
                to,
                from: Operand::Zero,
                size: VECTOR_SIZE,
            });
        }
        let size = match self.0.mnemonic() {
            Mnemonic::Mov => self.width()?,
            Mnemonic::Movss | Mnemonic::Movd | Mnemonic::Vmovd => 4,
            Mnemonic::Movsd | Mnemonic::Movq | Mnemonic::Vmovq => 8,
            Mnemonic::Movups | Mnemonic::Movaps | Mnemonic::Movupd | Mnemonic::Movapd => {
                VECTOR_SIZE
            }
            // Two registers would be three operands.
            Mnemonic::Vmovss if self.0.op_count() == 2 => 4,
            Mnemonic::Vmovsd if self.0.op_count() == 2 => 8,
            _ => return None,
        };
        let from = self.operand(1)?;
        Some(Move { to, from, size })
    }

    /// What it reads and writes.
    #[must_use]
    pub fn uses(&self) -> Uses {
        let mut factory = InstructionInfoFactory::new();
        let info = factory.info(&self.0);
        let registers = |access: fn(OpAccess) -> bool| {
            let used = info.used_registers().iter();
            used.filter(|used| access(used.access()))
                .filter_map(|used| any_register(used.register()))
                .collect()
        };
        let stores = info.used_memory().iter();
        Uses {
            read: registers(reads),
            written: registers(writes),
            stores: stores
                .filter(|used| writes(used.access()))
                .map(|used| self.store(used.memory_size().size()))
                .collect(),
        }
    }

    /// Whether it does the same as another one, of the function that begins at `other_start`, does there: with the same
    /// addresses but for those within the functions.
    #[must_use]
    pub fn is_twin(&self, start: u64, other: &Self, other_start: u64) -> bool {
        let branches = |instruction: &iced_x86::Instruction| {
            (0..instruction.op_count())
                .any(|operand| instruction.op_kind(operand) == OpKind::NearBranch64)
        };
        if branches(&self.0) && branches(&other.0) {
            let (to, other_to) = (self.0.near_branch_target(), other.0.near_branch_target());
            let within = to.wrapping_sub(start) == other_to.wrapping_sub(other_start);
            return self.0.code() == other.0.code() && (to == other_to || within);
        }
        // Addresses relative to the instruction are absolute in what is decoded.
        self.0 == other.0
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Whether it is the jump of a stack check, taken when CF or ZF is set (`stacksplit` of `cmd/internal/obj/x86`), and nothing
    /// else has to be known to say whether it jumps.
    #[must_use]
    pub fn is_stack_check_jump(&self) -> bool {
        self.0.mnemonic() == Mnemonic::Jbe
    }

    /// Whether compilers close a frame with it, before the `ret`: it moves the stack pointer by a constant, or takes the
    /// caller's frame pointer from the frame.
    #[must_use]
    pub fn closes_frame(&self) -> bool {
        let to =
            |register| self.0.op0_kind() == OpKind::Register && self.0.op0_register() == register;
        match self.0.mnemonic() {
            Mnemonic::Pop => to(Named::RBP),
            Mnemonic::Mov => {
                let from_frame = self.0.op1_kind() == OpKind::Memory
                    && self.0.memory_base() == Named::RSP
                    && self.0.memory_index() == Named::None;
                to(Named::RBP) && from_frame
            }
            Mnemonic::Add | Mnemonic::Sub => {
                to(Named::RSP) && self.stack_change().is_some_and(|change| change > 0)
            }
            _ => false,
        }
    }

    /// Where a write of so many bytes goes.
    fn store(&self, size: usize) -> Option<Memory> {
        if self.0.mnemonic() == Mnemonic::Push {
            return Some(Memory {
                base: AnyRegister::General(Register::Rsp),
                displacement: Some(-8),
                size: 8,
            });
        }
        let size = u32::try_from(size).ok().filter(|size| *size > 0)?;
        Some(Memory {
            size,
            ..self.memory()?
        })
    }

    fn operand(&self, number: u32) -> Option<Operand> {
        match self.0.try_op_kind(number).ok()? {
            OpKind::Register => any_register(self.0.op_register(number)).map(Operand::Register),
            OpKind::Memory => self.memory().map(Operand::Memory),
            _ => matches!(self.0.try_immediate(number), Ok(0)).then_some(Operand::Zero),
        }
    }

    /// The bytes that a plain `mov` copies whole: 4 or 8.
    fn width(&self) -> Option<u32> {
        let of = |operand| {
            let register = self.0.op_register(operand);
            (register.is_gpr32() || register.is_gpr64()).then(|| register.size())
        };
        let size = match (self.0.op0_kind(), self.0.op1_kind()) {
            (OpKind::Register, OpKind::Register) => of(0).filter(|size| of(1) == Some(*size)),
            (OpKind::Register, _) => of(0),
            (OpKind::Memory, OpKind::Register) => of(1),
            (OpKind::Memory, _) => Some(self.0.memory_size().size()),
            _ => None,
        };
        size.and_then(|size| u32::try_from(size).ok())
            .filter(|size| matches!(size, 4 | 8))
    }

    /// Whether it makes a register zero, whatever it held.
    fn is_zeroing(&self) -> bool {
        let exclusive = matches!(
            self.0.mnemonic(),
            Mnemonic::Xorps | Mnemonic::Xorpd | Mnemonic::Pxor | Mnemonic::Xor
        );
        let register = self.0.op0_register();
        exclusive
            && self.0.op0_kind() == OpKind::Register
            && self.0.op1_kind() == OpKind::Register
            && register == self.0.op1_register()
            && (register.is_xmm() || register.is_gpr32() || register.is_gpr64())
    }
}

const fn reads(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

const fn writes(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

/// The register of which that one is a part; none of those that Go's code keeps nothing in.
fn any_register(register: Named) -> Option<AnyRegister> {
    /// In the order of the processor's numbers.
    const GENERAL: [Register; 16] = [
        Register::Rax,
        Register::Rcx,
        Register::Rdx,
        Register::Rbx,
        Register::Rsp,
        Register::Rbp,
        Register::Rsi,
        Register::Rdi,
        Register::R8,
        Register::R9,
        Register::R10,
        Register::R11,
        Register::R12,
        Register::R13,
        Register::R14,
        Register::R15,
    ];
    let whole = register.full_register();
    if register.is_vector_register() {
        let number = u8::try_from(register.number()).ok();
        number
            .filter(|number| *number < 16)
            .map(AnyRegister::Vector)
    } else if whole.is_gpr64() {
        GENERAL
            .get(whole.number())
            .copied()
            .map(AnyRegister::General)
    } else {
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    const START: u64 = 0x1000;
    const RSP: AnyRegister = AnyRegister::General(Register::Rsp);
    const RDX: AnyRegister = AnyRegister::General(Register::Rdx);

    fn one(code: &[u8]) -> Instruction {
        instructions(code, START).next().unwrap().unwrap()
    }

    fn at(base: AnyRegister, displacement: i64, size: u32) -> Memory {
        Memory {
            base,
            displacement: Some(displacement),
            size,
        }
    }

    #[test]
    fn what_comes_next_is_known() {
        for (code, flow) in [
            (&[0x90][..], Flow::Next),
            (&[0x76, 0x10], Flow::Branch(START + 0x12)), // jbe
            (&[0xeb, 0xfe], Flow::Jump(Some(START))),    // jmp
            (&[0xff, 0xe0], Flow::Jump(None)),           // jmp rax
            (&[0xe8, 0, 0, 0, 0], Flow::Call(Some(START + 5))),
            (&[0xff, 0xd0], Flow::Call(None)), // call rax
            (&[0xc3], Flow::Return),
            (&[0x48, 0xcf], Flow::Stop), // iretq
            (&[0x0f, 0x0b], Flow::Stop), // ud2
            (&[0xcc], Flow::Other),      // int3
        ] {
            assert_eq!(one(code).flow(), flow, "{code:x?}");
        }
        let seen: Vec<_> = instructions(&[0x90, 0x06], START).collect();
        assert_eq!(seen[1].err(), Some(START + 1));
    }

    #[test]
    fn a_push_writes_below_the_stack_pointer() {
        let push = one(&[0x52]); // push rdx
        assert_eq!(push.stack_change(), Some(-8));
        let uses = push.uses();
        assert_eq!(uses.stores, [Some(at(RSP, -8, 8))]);
        assert_eq!(uses.written, [RSP]);
        assert!(uses.read.contains(&RDX));
    }

    #[test]
    fn moves_are_told_from_what_also_computes() {
        let store = one(&[0x48, 0x89, 0x54, 0x24, 0x10]); // mov [rsp+16], rdx
        let place = at(RSP, 16, 8);
        let moved = Move {
            to: Operand::Memory(place),
            from: Operand::Register(RDX),
            size: 8,
        };
        assert_eq!(store.moved(), Some(moved));
        assert_eq!(store.uses().stores, [Some(place)]);
        let zero = one(&[0x31, 0xd2]); // xor edx, edx
        assert_eq!(zero.moved().unwrap().from, Operand::Zero);
        assert!(zero.uses().read.is_empty());
        assert_eq!(one(&[0x48, 0x01, 0xc2]).moved(), None); // add rdx, rax
    }

    #[test]
    fn an_address_that_is_taken_is_not_read() {
        let lea = one(&[0x48, 0x8d, 0x5a, 0x08]); // lea rbx, [rdx+8]
        assert_eq!(lea.memory(), Some(at(RDX, 8, 0)));
        let indexed = one(&[0x48, 0x8b, 0x04, 0xca]); // mov rax, [rdx+rcx*8]
        assert_eq!(indexed.memory().unwrap().displacement, None);
        assert_eq!(one(&[0x48, 0x8b, 0x05, 0, 0, 0, 0]).memory(), None); // mov rax, [rip]
    }

    #[test]
    fn the_stack_pointer_is_followed_where_that_is_sure() {
        for (code, change) in [
            (&[0x48, 0x83, 0xec, 0x18][..], Some(-24)),  // sub rsp, 24
            (&[0x48, 0x8d, 0x64, 0x24, 0x10], Some(16)), // lea rsp, [rsp+16]
            (&[0x48, 0x39, 0xc4], Some(0)),              // cmp rsp, rax
            (&[0x48, 0x29, 0xc4], None),                 // sub rsp, rax
            (&[0xc9], None),                             // leave
            (&[0x5c], None),                             // pop rsp
        ] {
            assert_eq!(one(code).stack_change(), change, "{code:x?}");
        }
    }

    #[test]
    fn what_closes_a_frame_is_known() {
        for (code, closes) in [
            (&[0x48, 0x83, 0xc4, 0x18][..], true),    // add rsp, 24
            (&[0x48, 0x83, 0xec, 0x80], true),        // sub rsp, -128
            (&[0x48, 0x83, 0xec, 0x18], false),       // sub rsp, 24
            (&[0x5d], true),                          // pop rbp
            (&[0x58], false),                         // pop rax
            (&[0x48, 0x8b, 0x6c, 0x24, 0x10], true),  // mov rbp, [rsp+16]
            (&[0x48, 0x8b, 0x44, 0x24, 0x10], false), // mov rax, [rsp+16]
            (&[0x48, 0x8b, 0x6d, 0x10], false),       // mov rbp, [rbp+16]
            (&[0xc3], false),                         // ret
        ] {
            assert_eq!(one(code).closes_frame(), closes, "{code:x?}");
        }
    }

    #[test]
    fn twins_jump_to_the_same_place_or_each_within_itself() {
        let twins = |one: (&[u8], u64), other: (&[u8], u64)| {
            let decoded = |(code, start)| instructions(code, start).next().unwrap().unwrap();
            decoded(one).is_twin(one.1, &decoded(other), other.1)
        };
        assert!(twins((&[0xeb, 0x10], START), (&[0xeb, 0x10], 0x2000)));
        assert!(twins(
            (&[0xe8, 0, 1, 0, 0], 0x2000),
            (&[0xe8, 0, 2, 0, 0], 0x1f00)
        ));
        assert!(!twins(
            (&[0xe8, 0, 1, 0, 0], START),
            (&[0xe8, 0, 2, 0, 0], 0x2000)
        ));
        assert!(!twins((&[0x50], START), (&[0x51], START)));
    }
}
