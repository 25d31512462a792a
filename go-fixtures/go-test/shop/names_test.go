package shop

import (
	"strings"
	"testing"

	"goproctor.test/gotest/account"
)

func TestCheckout(t *testing.T) {
	who, run := account.Begin(t)
	if total, err := Checkout(who, run, account.Next(), 3); total != 15 || err != nil {
		t.Errorf("got %d, %v", total, err)
	}
	t.Run("free shipping", func(t *testing.T) {
		who, run := account.Begin(t)
		Checkout(who, run, account.Next(), 3)
	})
	t.Run("nothing", func(t *testing.T) {
		who, run := account.Begin(t)
		if _, err := Checkout(who, run, account.Next(), 0); err != ErrQuantity {
			t.Error(err)
		}
	})
	Publish(who, run, account.Next(), "end")
}

// TestCheckoutTwice has a name that another test's begins with.
func TestCheckoutTwice(t *testing.T) {
	who, run := account.Begin(t)
	Checkout(who, run, account.Next(), 1)
	Checkout(who, run, account.Next(), 2)
}

// TestNames has names that package testing rewrites, repeats and makes up.
func TestNames(t *testing.T) {
	for _, name := range []string{
		"two words", "tab\tand\nline", "a/slash", "/", "", "", "same", "same", "same#01", "prix en €", "bell \a",
		"*", "[a-z]+", `"quoted" \ %d`, "size=10,color=red", "-count=2", "#",
		strings.Repeat("a long name, ", 30),
	} {
		t.Run(name, func(t *testing.T) {
			who, run := account.Begin(t)
			Publish(who, run, account.Next(), name)
		})
	}
}

// TestAmbiguous has a subtest a/b, and a subtest a that has one called b.
func TestAmbiguous(t *testing.T) {
	b := func(t *testing.T) {
		who, run := account.Begin(t)
		Publish(who, run, account.Next(), "b")
	}
	t.Run("a/b", b)
	t.Run("a", func(t *testing.T) {
		who, run := account.Begin(t)
		Checkout(who, run, account.Next(), 1)
		t.Run("b", b)
	})
}

func TestTable(t *testing.T) {
	for _, test := range []struct {
		name  string
		qty   int
		total int
	}{
		{"one", 1, 5},
		{"two", 2, 10},
		{"a dozen", 12, 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			who, run := account.Begin(t)
			if total, _ := Checkout(who, run, account.Next(), test.qty); total != test.total {
				t.Errorf("got %d, want %d", total, test.total)
			}
		})
	}
}

// TestDeep makes calls before, between and after subtests, which go three deep.
func TestDeep(t *testing.T) {
	who, run := account.Begin(t)
	Publish(who, run, account.Next(), "before")
	for _, outer := range []string{"a", "b"} {
		t.Run(outer, func(t *testing.T) {
			who, run := account.Begin(t)
			Publish(who, run, account.Next(), "before")
			for _, inner := range []string{"c", "d"} {
				t.Run(inner, func(t *testing.T) {
					who, run := account.Begin(t)
					Publish(who, run, account.Next(), "before")
					t.Run("innermost", func(t *testing.T) {
						who, run := account.Begin(t)
						Checkout(who, run, account.Next(), 1)
					})
					Publish(who, run, account.Next(), "after")
				})
			}
			Publish(who, run, account.Next(), "after")
		})
		Publish(who, run, account.Next(), "between")
	}
}

// TestWithin has a subtest while a watched call of its own goes on.
func TestWithin(t *testing.T) {
	who, run := account.Begin(t)
	With(who, run, account.Next(), func() {
		Publish(who, run, account.Next(), "within")
		t.Run("subtest", func(t *testing.T) {
			who, run := account.Begin(t)
			Checkout(who, run, account.Next(), 1)
		})
		Publish(who, run, account.Next(), "still within")
	})
}

// TestSameName is in the package shop_test too: two tests, each a run of the name. The subtest of the one that comes
// second is called subtest#01.
func TestSameName(t *testing.T) {
	who, run := account.Begin(t)
	Publish(who, run, account.Next(), "inside")
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		Publish(who, run, account.Next(), "inside")
	})
}

// TestSilent calls nothing.
func TestSilent(t *testing.T) {}
