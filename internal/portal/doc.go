// Package portal is what everybody may see without signing in (公众服务): the service
// lists of all places, the questions that tell somebody what he or his family can get
// (package questionnaire), and open figures with small numbers suppressed.
//
// Answers stay in the session, sealed, and nowhere else: not in an address, not in a
// log. A button throws them away, and so does half an hour without an answer.
package portal
