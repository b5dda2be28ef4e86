import { connectAsync, type MqttClient } from "mqtt";

/** Tells the broker what has happened, at least once (MQTT QoS 1). */
export class Announcements implements AsyncDisposable {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async connect(url: string): Promise<Announcements> {
    return new Announcements(await connectAsync(url));
  }

  async announce(topic: string, what: object): Promise<void> {
    await this.#client.publishAsync(topic, JSON.stringify(what), { qos: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync();
  }
}
