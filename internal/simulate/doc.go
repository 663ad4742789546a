// Package simulate answers what a change of policy would do (政策模拟, A5): two
// lists over one population, who gains and who loses, by item and by county, what
// it costs a month; and how that goes on as the same people grow older and die.
package simulate
