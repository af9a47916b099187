import { Slider } from "@mantine/core";
import { isNumber } from "@/lib/format/decimals";
import { asNumber, formatFigure } from "@/lib/format/figures";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import classes from "../actions/actions.module.css";
import { isOn, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useTypedVariable } from "./use-variable";

export function NumberInputWidget({ config, label }: WidgetProps) {
  const { value, set, problem } = useTypedVariable(textOf(config, "variable"));
  if (problem) return <Hint text={problem} />;
  const [min, max, step] = [asNumber(config["min"]), asNumber(config["max"]), asNumber(config["step"])];
  const number = asNumber(value);
  if (isOn(config, "slider") && min !== null && max !== null && min < max) {
    return (
      <div className={classes.slider}>
        <Slider
          flex={1}
          min={min}
          max={max}
          step={step ?? (max - min) / 100}
          value={number ?? min}
          label={(shown) => formatFigure(shown)}
          thumbLabel={label}
          onChange={set}
        />
        <output className="tabular">{number === null ? "–" : formatFigure(number)}</output>
      </div>
    );
  }
  const limits = {
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
    ...(step === null ? {} : { step }),
  };
  return (
    <ExactNumberInput
      aria-label={label}
      {...limits}
      value={value}
      onChange={(next) => {
        // a text that is not a number is kept, but filters nothing
        if (next === undefined || isNumber(next)) set(next ?? null);
      }}
    />
  );
}
