// Prints what robfig/cron v1.2.0 itself says about expressions: the reference that nextTimes is compared with.
//
// In: one JSON question a line on standard input. Out: one JSON answer a line, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/robfig/cron"
)

type question struct {
	Expression string `json:"expression"`
	Dialect    string `json:"dialect"`
	Timezone   string `json:"timezone"`
	// Seconds since 1970.
	From  int64 `json:"from"`
	Count int   `json:"count"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// Seconds since 1970; fewer than asked for when the library found no more.
	Times []int64 `json:"times,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return err
		}
		a, err := ask(q)
		if err != nil {
			return err
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return out.Flush()
}

func ask(q question) (answer, error) {
	location, err := time.LoadLocation(q.Timezone)
	if err != nil {
		return answer{}, err
	}
	parse := cron.Parse
	if q.Dialect == "standard" {
		parse = cron.ParseStandard
	}
	schedule, err := parse(q.Expression)
	if err != nil {
		return answer{Error: err.Error()}, nil
	}
	var a answer
	for at := time.Unix(q.From, 0).In(location); len(a.Times) < q.Count; {
		at = schedule.Next(at)
		if at.IsZero() {
			break
		}
		a.Times = append(a.Times, at.Unix())
	}
	return a, nil
}
