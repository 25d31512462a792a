// Package mailing sends to the last on a list what the others have not taken.
//
// Up to a go 1.21 line, a loop has one variable for all of its rounds.
package mailing

// Reminders gives a reminder for each name. Nobody noticed that all of them go to the last one.
func Reminders(names []string) []func() {
	var reminders []func()
	for _, name := range names {
		reminders = append(reminders, func() { send(name) })
	}
	return reminders
}

// Total is right with one variable and with many.
func Total(names []string) int {
	total := 0
	for i := range names {
		add := func() { total += len(names[i]) }
		add()
	}
	return total
}

func send(name string) {}
