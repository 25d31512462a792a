package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"html/template"
	"net/http"
	"time"

	"golang.org/x/crypto/bcrypt"
)

const sessionCookie = "session"

var (
	errNoUser        = errors.New("nobody is logged in")
	errWrongPassword = errors.New("wrong name or password")
	errForged        = errors.New("the CSRF token is not the session's")
)

var loginForm = template.Must(template.New("login").Parse(`<!DOCTYPE html>
<title>Log in</title>
<form method="post" action="/login">
<input type="hidden" name="csrf" value="{{.CSRF}}">
<input name="user"> <input name="password" type="password"> <button>Log in</button>
</form>
`))

var homePage = template.Must(template.New("home").Parse(`<!DOCTYPE html>
<meta name="csrf-token" content="{{.CSRF}}">
<title>Shop</title>
`))

// check holds a token that a client sent against the session's.
func (s *Session) check(token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.CSRF)) != 1 {
		return errForged
	}
	return nil
}

// loginPage begins a session without a user, so that the form has a token of its own.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	session, err := s.beginSession(r.Context(), w, nil)
	if err != nil {
		return err
	}
	return loginForm.Execute(w, session)
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	session, err := s.current(r)
	if err != nil {
		return err
	}
	if err := session.check(r.PostFormValue("csrf")); err != nil {
		return err
	}
	user, err := s.authenticate(ctx, r.PostFormValue("user"), r.PostFormValue("password"))
	if err != nil {
		return err
	}
	// A new session: whoever knew the old id knows nothing.
	if err := s.store.DeleteSession(ctx, session.ID); err != nil {
		return err
	}
	if _, err := s.beginSession(ctx, w, &user); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// unknownHash is compared with for names that nobody has, so that they take as long as others.
var unknownHash, _ = bcrypt.GenerateFromPassword([]byte(rand.Text()), bcrypt.DefaultCost)

// authenticate returns the user that has this name and password.
func (s *Server) authenticate(ctx context.Context, name, password string) (int64, error) {
	id, hash, err := s.store.User(ctx, name)
	if errors.Is(err, errNotFound) {
		hash = string(unknownHash)
	} else if err != nil {
		return 0, err
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil {
		return 0, errWrongPassword
	}
	return id, nil
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	session, err := s.loggedIn(r)
	if errors.Is(err, errNoUser) {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	return homePage.Execute(w, session)
}

// beginSession keeps a new session and sends its cookie.
func (s *Server) beginSession(ctx context.Context, w http.ResponseWriter, user *int64) (*Session, error) {
	session := &Session{ID: rand.Text(), CSRF: rand.Text(), UserID: user, Expires: time.Now().Add(s.session)}
	if err := s.store.InsertSession(ctx, session); err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{
		Name:     sessionCookie,
		Value:    session.ID,
		Path:     "/",
		MaxAge:   int(s.session.Seconds()),
		HttpOnly: true,
		Secure:   true,
		SameSite: http.SameSiteLaxMode,
	})
	return session, nil
}

// current returns the session of a request's cookie.
func (s *Server) current(r *http.Request) (*Session, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, errNoUser
	}
	session, err := s.store.Session(r.Context(), cookie.Value, time.Now())
	if errors.Is(err, errNotFound) {
		return nil, errNoUser
	}
	return session, err
}

// loggedIn returns the session of a request whose user has logged in.
func (s *Server) loggedIn(r *http.Request) (*Session, error) {
	session, err := s.current(r)
	if err != nil {
		return nil, err
	}
	if session.UserID == nil {
		return nil, errNoUser
	}
	return session, nil
}
