package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Answer is what the service of taxes says.
type Answer struct {
	Country string
	Percent int
}

// attempts is how often the service is asked.
const attempts = 2

// percentOf is the tax of a country.
func percentOf(country string) (int, error) {
	var last error
	for attempt := 1; attempt <= attempts; attempt++ {
		answer, err := ask(country, attempt)
		if err == nil {
			return answer.Percent, nil
		}
		last = err
	}
	return 0, last
}

// ask asks the service once.
func ask(country string, attempt int) (*Answer, error) {
	response, err := client.Get(*taxes + "/taxes/" + country)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the service answers %d", response.StatusCode)
	}
	answer := new(Answer)
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return nil, err
	}
	return answer, nil
}
