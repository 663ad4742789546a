#include "textflag.h"

// func packAVX2(planes *Block, codes *uint8, groups, n int)
//
// For each group of 64 codes: the highest of the n bits of every code is brought to
// the top of its byte, the top bits of 64 bytes are gathered into the word of a
// plane, and the bytes are doubled for the plane below. Planes are 512 bytes apart.
TEXT ·packAVX2(SB), NOSPLIT, $0-32
	MOVQ planes+0(FP), AX
	MOVQ codes+8(FP), BX
	MOVQ groups+16(FP), R10
	MOVQ n+24(FP), R11
	MOVQ $8, DX
	SUBQ R11, DX
	MOVQ DX, X2
	LEAQ -1(R11), R12
	SHLQ $9, R12

group:
	VMOVDQU (BX), Y0
	VMOVDQU 32(BX), Y1
	VPSLLW  X2, Y0, Y0
	VPSLLW  X2, Y1, Y1
	LEAQ    (AX)(R12*1), DI
	MOVQ    R11, CX

plane:
	VPMOVMSKB Y0, R8
	VPMOVMSKB Y1, R9
	SHLQ      $32, R9
	ORQ       R9, R8
	MOVQ      R8, (DI)
	VPADDB    Y0, Y0, Y0
	VPADDB    Y1, Y1, Y1
	SUBQ      $512, DI
	DECQ      CX
	JNZ       plane

	ADDQ $8, AX
	ADDQ $64, BX
	DECQ R10
	JNZ  group
	VZEROUPPER
	RET
