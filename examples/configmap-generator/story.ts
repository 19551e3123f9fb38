/** The example as a story: what happens, told as it happens, and three things that happen to everyone's objects. */

import { type Client, merge } from "kindred";
import { ConfigMap } from "kindred/resources/core/v1";
import { ConfigMapGenerator, type ConfigMapGeneratorController } from "./controller.js";
import { configMapHappenings, generatorHappenings, type Happening } from "./happenings.js";
import { line, narrateHappening, narrateOutcome } from "./narrate.js";

/** Prints one line. */
export type Say = (text: string) => void;

/** What the story is about. */
export interface StoryOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly say: Say;
  readonly signal: AbortSignal;
}

/** Tells everything, in the order in which it is seen. */
export class Story {
  readonly #options: StoryOptions;
  readonly #waiting = new Set<(happening: Happening) => void>();
  readonly #last = new Map<string, Happening>();
  #tellReady: () => void = () => undefined;
  /** When the controller has seen everything there is. */
  readonly ready = new Promise<void>((resolve) => {
    this.#tellReady = resolve;
  });

  constructor(options: StoryOptions) {
    this.#options = options;
  }

  /** Tells until the controller ends. */
  async tell(controller: ConfigMapGeneratorController): Promise<void> {
    const { client, namespace, say, signal } = this.#options;
    const changes = merge(
      generatorHappenings(client, namespace, signal),
      configMapHappenings(client, namespace, signal),
    );
    const outcomes = this.#tellOutcomes(controller);
    try {
      for await (const happening of changes) {
        say(narrateHappening(happening));
        this.#last.set(`${happening.kind} ${happening.name}`, happening);
        for (const wake of this.#waiting) wake(happening);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    await outcomes;
  }

  /** What was told last of an object. */
  last(kind: Happening["kind"], name: string): Happening | undefined {
    return this.#last.get(`${kind} ${name}`);
  }

  /** Waits until something is told. */
  heard(isIt: (happening: Happening) => boolean): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      const wake = (happening: Happening) => {
        if (!isIt(happening)) return;
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  async #tellOutcomes(controller: ConfigMapGeneratorController): Promise<void> {
    for await (const outcome of controller) {
      this.#options.say(narrateOutcome(outcome));
      if (outcome.type === "ready") this.#tellReady();
    }
  }
}

/** Does what people and programs do to objects, and waits for the controller's answer each time. */
export async function tour(story: Story, { client, namespace, say, signal }: StoryOptions): Promise<void> {
  await story.ready;
  const greetings = client.api(ConfigMapGenerator).namespace(namespace);
  const configMaps = client.api(ConfigMap).namespace(namespace);
  const name = "greeting";
  const holds = (content: string) => (seen: Happening | undefined) =>
    seen?.kind === "ConfigMap" && seen.name === name && seen.change !== "deleted" && seen.content === content;

  // From an earlier run, it may be there already.
  const created = holds("hello")(story.last("ConfigMap", name)) ? undefined : story.heard(holds("hello"));
  say(line("you", `create the ConfigMapGenerator ${name}, which asks for "hello"`));
  await greetings.apply({ metadata: { name }, spec: { content: "hello" } }, { manager: "you", force: true, signal });
  await created;

  const restored = story.heard(holds("hello"));
  say(line("you", "delete its ConfigMap, as if by accident"));
  await configMaps.delete(name, { signal });
  await restored;

  const changed = story.heard(holds("good morning"));
  say(line("you", `change what it asks for to "good morning"`));
  await greetings.apply(
    { metadata: { name }, spec: { content: "good morning" } },
    { manager: "you", force: true, signal },
  );
  await changed;
}
