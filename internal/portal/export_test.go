package portal

// In is for the test of its words.
var In = in
