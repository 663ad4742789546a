#include "textflag.h"

// Each kernel works on a block of 64 words: four rounds of four 32-byte vectors.

#define PART(OP, OFFSET, Y) \
	VMOVDQU OFFSET(BX), Y   \
	OP OFFSET(CX), Y, Y     \
	VMOVDQU Y, OFFSET(AX)

// KERNEL computes (AX) = (BX) OP (CX).
#define KERNEL(OP)           \
	MOVQ $4, DX         \
loop:                    \
	PART(OP, 0, Y0)     \
	PART(OP, 32, Y1)    \
	PART(OP, 64, Y2)    \
	PART(OP, 96, Y3)    \
	ADDQ $128, AX       \
	ADDQ $128, BX       \
	ADDQ $128, CX       \
	DECQ DX             \
	JNZ  loop           \
	VZEROUPPER          \
	RET

// func andAVX2(dst, a, b *population.Block)
TEXT ·andAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX
	MOVQ a+8(FP), BX
	MOVQ b+16(FP), CX
	KERNEL(VPAND)

// func orAVX2(dst, a, b *population.Block)
TEXT ·orAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX
	MOVQ a+8(FP), BX
	MOVQ b+16(FP), CX
	KERNEL(VPOR)

// func xorAVX2(dst, a, b *population.Block)
TEXT ·xorAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX
	MOVQ a+8(FP), BX
	MOVQ b+16(FP), CX
	KERNEL(VPXOR)

// func andNotAVX2(dst, a, b *population.Block)
// VPANDN inverts the operand that is loaded first.
TEXT ·andNotAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), AX
	MOVQ b+16(FP), BX
	MOVQ a+8(FP), CX
	KERNEL(VPANDN)
