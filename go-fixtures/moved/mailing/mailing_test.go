package mailing

import "testing"

func TestReminders(t *testing.T) {
	names := []string{"ann", "bob", "eve"}
	for _, remind := range Reminders(names) {
		remind()
	}
	t.Log(Total(names))
}
