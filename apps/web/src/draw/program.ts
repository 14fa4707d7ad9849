/** A compiled pair of shaders and its uniforms by name. */

export type GL = WebGL2RenderingContext;

export class Program {
  readonly #gl: GL;
  readonly #program: WebGLProgram;
  readonly #locations = new Map<string, WebGLUniformLocation | null>();

  /** @throws if the shaders do not compile, with the compiler's own words. */
  constructor(gl: GL, vertex: string, fragment: string) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(kind);
      if (shader === null) continue;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
        throw new Error(`a shader does not compile: ${gl.getShaderInfoLog(shader) ?? ""}`);
      }
    }
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`the shaders do not link: ${gl.getProgramInfoLog(this.#program) ?? ""}`);
    }
  }

  use(): void {
    this.#gl.useProgram(this.#program);
  }

  int(name: string, value: number): void {
    this.#gl.uniform1i(this.#location(name), value);
  }

  ints(name: string, x: number, y: number): void {
    this.#gl.uniform2i(this.#location(name), x, y);
  }

  float(name: string, value: number): void {
    this.#gl.uniform1f(this.#location(name), value);
  }

  vec3(name: string, x: number, y: number, z: number): void {
    this.#gl.uniform3f(this.#location(name), x, y, z);
  }

  vec4(name: string, x: number, y: number, z: number, w: number): void {
    this.#gl.uniform4f(this.#location(name), x, y, z, w);
  }

  #location(name: string): WebGLUniformLocation | null {
    let location = this.#locations.get(name);
    if (location === undefined) {
      location = this.#gl.getUniformLocation(this.#program, name);
      this.#locations.set(name, location);
    }
    return location;
  }
}
