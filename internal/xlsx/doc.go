// Package xlsx reads the first sheet of a workbook and writes workbooks of one sheet, row
// by row (ECMA-376, Office Open XML), for files of a million people.
//
// Other packages for such files hold a sheet in memory or spool it to a temporary
// file, in clear. Here nothing but what is compressed is held whole: a reader unpacks
// the sheet as it goes, and keeps only the texts that cells share; a writer gives away
// compressed segments that another process can go on behind.
package xlsx
