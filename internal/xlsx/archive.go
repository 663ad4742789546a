package xlsx

// The parts of a workbook beside its sheet (ECMA-376 part 1, 12).
var packageParts = [...]struct{ name, text string }{
	{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/` + sheetName + `" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", xmlHead + `<Relationships xmlns="` + relations + `">` +
		`<Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + spreadsheet + `" xmlns:r="` + office + `">` +
		`<sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + relations + `">` +
		`<Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + office + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", xmlHead + `<styleSheet xmlns="` + spreadsheet + `">` +
		`<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>`},
}

const (
	xmlHead     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	relations   = "http://schemas.openxmlformats.org/package/2006/relationships"
	office      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

	sheetName = "xl/worksheets/sheet1.xml"
	sheetHead = xmlHead + `<worksheet xmlns="` + spreadsheet + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`
	sheetTail = "</sheetData></worksheet>"
)

// What an entry of an archive says of itself (APPNOTE 4.4).
const (
	deflated    = 8      // how it is packed; 0: not at all
	sizesFollow = 1 << 3 // the sizes stand behind it
	names8      = 1 << 11
	needs       = 20          // version 2.0
	madeOn      = 0x5a21_0000 // 2025-01-01 00:00 as MS-DOS writes it: the time is of no use here
)

// local writes what stands before an entry.
func (w *Writer) local(p part, flags, method uint16) {
	b := little.AppendUint32(nil, 0x04034b50)
	b = little.AppendUint16(b, needs)
	b = little.AppendUint16(b, flags|names8)
	b = little.AppendUint16(b, method)
	b = little.AppendUint32(b, madeOn)
	b = little.AppendUint32(b, p.CRC)
	b = little.AppendUint32(b, uint32(p.Size))
	b = little.AppendUint32(b, uint32(p.Size))
	b = little.AppendUint16(b, uint16(len(p.Name)))
	b = little.AppendUint16(b, 0)
	w.out.Write(append(b, p.Name...))
}

// directory writes the list of entries that an archive ends with.
func (w *Writer) directory() {
	start := w.at()
	for _, p := range w.Parts {
		w.central(p, p.Size, 0, 0)
	}
	w.central(part{Name: sheetName, Start: w.Start, Size: w.Raw, CRC: w.CRC}, w.Packed, sizesFollow, deflated)
	n := uint16(len(w.Parts) + 1)
	b := little.AppendUint32(nil, 0x06054b50)
	b = little.AppendUint32(b, 0) // one disk
	b = little.AppendUint16(b, n)
	b = little.AppendUint16(b, n)
	b = little.AppendUint32(b, uint32(w.at()-start))
	b = little.AppendUint32(b, uint32(start))
	w.out.Write(little.AppendUint16(b, 0))
}

// central writes an entry of the directory.
func (w *Writer) central(p part, packed int64, flags, method uint16) {
	b := little.AppendUint32(nil, 0x02014b50)
	b = little.AppendUint16(b, needs)
	b = little.AppendUint16(b, needs)
	b = little.AppendUint16(b, flags|names8)
	b = little.AppendUint16(b, method)
	b = little.AppendUint32(b, madeOn)
	b = little.AppendUint32(b, p.CRC)
	b = little.AppendUint32(b, uint32(packed))
	b = little.AppendUint32(b, uint32(p.Size))
	b = little.AppendUint16(b, uint16(len(p.Name)))
	b = append(b, make([]byte, 12)...) // extra, comment, disk, attributes
	b = little.AppendUint32(b, uint32(p.Start))
	w.out.Write(append(b, p.Name...))
}
