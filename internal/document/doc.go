// Package document reads and checks the numbers of identity documents (证件): the
// cards of residents, the permits of people from Hong Kong, Macao and Taiwan,
// foreigners' permanent residence cards and passports. Numbers are personal data:
// whatever shows one shows Mask, and no error quotes one.
//
// A number is kept in one form, so that one person's is found however it was written:
// digits and upper-case letters without spaces; of resident numbers the 18 digits; of
// permits the part that stays for life.
//
// What is known of the forms, and how well:
//
//   - Resident card: GB 11643-1999; certain. 15 digits until 2013: GB 11643-1989, by
//     published conversions.
//   - Permit of Hong Kong and Macao: notice of the Ministry of Public Security of
//     2010-03-10: H or M, eight digits for life, two that count renewals. For people
//     without Chinese nationality (from 2024-07-10) HA or MA and seven digits, as the
//     immigration administration announced; certain.
//   - Permit of Taiwan: eight digits for life (from 2008-09-25); before that two that
//     count issues and a sign of the office in brackets followed; certain, as reported
//     by the press. Single-journey papers are not taken.
//   - Residence permit: 810000, 820000 or 830000 and the rest as of a resident number
//     (State Council, 2018); certain.
//   - Permanent residence card: from 2023-12-01 nine, two digits of the province, three
//     of the nationality, then birth, sequence and check character as of a resident
//     number (rules of the immigration administration for machine reading); certain.
//     Before: three letters, four digits of the place, six of the birth, a sequence
//     digit and a check digit; the order is certain enough to compare the birth, not
//     to refuse a card by its check digit or to read the sex.
//   - Passport: each country has its own; only obvious mistakes are refused.
package document
