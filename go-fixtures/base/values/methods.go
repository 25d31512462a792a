package main

import (
	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// methods calls methods, by their expression and in all the ways that lead through a function of the compiler's.
func methods(a *account.Account) {
	a.Call(kinds.Sum3.Of, kinds.Sum3{1, 2, 3}, 4)
	a.Call(kinds.Celsius.Total, kinds.Celsius(1.5), kinds.Celsius(-3))
	a.Call(kinds.Weekday.Next, kinds.Monday)
	a.Call(kinds.Callback.Call, kinds.Callback(double), 2)
	a.Call(kinds.Callback.Call, nil, 3)
	a.Call(kinds.Table.Size, kinds.Table{"a": 1}, 2)
	a.Call(kinds.Table.Size, nil, 2)
	a.Call(kinds.Pipe.Waiting, kinds.Pipe(buffered(2, 4)))
	a.Call(kinds.Point.Nameless, kinds.Point{X: 1}, 5)
	a.Call((*kinds.Point).Underscore, &kinds.Point{X: 2}, "underscore")
	a.Call((*kinds.Point).Underscore, nil, "nil")
	a.Call(kinds.Empty.Nothing, kinds.Empty{}, 6)
	a.Call(kinds.Large.Weight, large(4), 7)

	engine := kinds.Engine{Power: 10}
	a.Call(kinds.Engine.Rated, engine, 2)
	a.Call((*kinds.Engine).Switch, &engine, true)
	promoted(a, &engine)
	thorough(a, &engine)
}

// promoted calls methods of what is embedded.
func promoted(a *account.Account, engine *kinds.Engine) {
	car := &kinds.Car{Name: "car", Engine: *engine}
	a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{car.Rated(3)} }, car.Engine, 3)
	a.Through((*kinds.Engine).Switch, func() []interface{} { return []interface{}{car.Switch(false)} }, &car.Engine, false)
	a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{kinds.Car.Rated(*car, 4)} }, car.Engine, 4)
	a.Through((*kinds.Engine).Switch, func() []interface{} { return []interface{}{(*kinds.Car).Switch(car, true)} }, &car.Engine, true)
	truck := kinds.Truck{Load: 1, Engine: engine}
	a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{kinds.Truck.Rated(truck, 5)} }, *engine, 5)
	a.Through((*kinds.Engine).Switch, func() []interface{} { return []interface{}{(*kinds.Truck).Switch(&truck, true)} }, engine, true)
}

// thorough calls methods through interfaces and bound methods.
func thorough(a *account.Account, engine *kinds.Engine) {
	car := &kinds.Car{Name: "motor", Engine: kinds.Engine{Power: 20}}
	for _, motor := range []struct {
		kinds.Motor
		engine *kinds.Engine
	}{
		{engine, engine},
		{car, &car.Engine},
		{kinds.Truck{Load: 2, Engine: engine}, engine},
		{&kinds.Truck{Load: 3, Engine: engine}, engine},
		{kinds.Fleet{Count: 2, Motor: car}, &car.Engine},
		{&kinds.Fleet{Count: 3, Motor: &kinds.Fleet{Motor: engine}}, engine},
	} {
		m := motor.Motor
		a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{m.Rated(6)} }, *motor.engine, 6)
		a.Through((*kinds.Engine).Switch, func() []interface{} { return []interface{}{m.Switch(true)} }, motor.engine, true)
		rated, on := m.Rated, m.Switch
		a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{rated(7)} }, *motor.engine, 7)
		a.Through((*kinds.Engine).Switch, func() []interface{} { return []interface{}{on(false)} }, motor.engine, false)
	}
	rated := engine.Rated
	engine.Power = 11
	a.Through(kinds.Engine.Rated, func() []interface{} { return []interface{}{rated(8)} }, kinds.Engine{Power: 10}, 8)
}
